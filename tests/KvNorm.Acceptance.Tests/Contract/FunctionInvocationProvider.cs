using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests.Contract;

public sealed class FunctionInvocationProvider : DecoratedProvider
{
    protected override ChatClientBuilder Decorate(ChatClientBuilder builder) => builder.UseFunctionInvocation();
}
