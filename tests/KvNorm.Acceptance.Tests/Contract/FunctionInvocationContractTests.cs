using KvNorm.Tests.Contract;

namespace KvNorm.Acceptance.Tests.Contract;

/// <summary>The contract, kept through UseFunctionInvocation.</summary>
[Collection(SharedProvider.Name)]
public sealed class FunctionInvocationContractTests(FunctionInvocationProvider provider)
    : ChatClientContractTests(provider), IClassFixture<FunctionInvocationProvider>;
