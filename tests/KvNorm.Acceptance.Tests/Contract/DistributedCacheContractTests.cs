using KvNorm.Tests.Contract;

namespace KvNorm.Acceptance.Tests.Contract;

/// <summary>The contract, kept through UseDistributedCache.</summary>
public sealed class DistributedCacheContractTests(DistributedCacheProvider provider)
    : ChatClientContractTests(provider), IClassFixture<DistributedCacheProvider>;
