namespace KvNorm.Tests.Contract;

/// <summary>The contract, kept by this library's client.</summary>
public sealed class KvNormChatClientContractTests(KvNormProvider provider)
    : ChatClientContractTests(provider), IClassFixture<KvNormProvider>;
