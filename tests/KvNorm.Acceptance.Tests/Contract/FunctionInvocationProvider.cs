using KvNorm.Tests.Contract;
using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests.Contract;

public sealed class FunctionInvocationProvider(KvNormProvider inner) : DecoratedProvider(inner)
{
    protected override ChatClientBuilder Decorate(ChatClientBuilder builder) => builder.UseFunctionInvocation();
}
