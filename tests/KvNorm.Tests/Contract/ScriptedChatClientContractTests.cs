namespace KvNorm.Tests.Contract;

/// <summary>The contract, kept by the hand-written client.</summary>
public sealed class ScriptedChatClientContractTests(ScriptedProvider provider)
    : ChatClientContractTests(provider), IClassFixture<ScriptedProvider>;
