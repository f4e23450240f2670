using KvNorm.Tests.Contract;

namespace KvNorm.Acceptance.Tests.Contract;

/// <summary>The contract, kept through UseFunctionInvocation.</summary>
public sealed class FunctionInvocationContractTests(FunctionInvocationProvider provider)
    : ChatClientContractTests(provider), IClassFixture<FunctionInvocationProvider>;
