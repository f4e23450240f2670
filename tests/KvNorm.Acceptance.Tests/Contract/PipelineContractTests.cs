using KvNorm.Tests.Contract;

namespace KvNorm.Acceptance.Tests.Contract;

/// <summary>The contract, kept through UseOpenTelemetry, UseDistributedCache and UseChatReducer around each other.</summary>
[Collection(SharedProvider.Name)]
public sealed class PipelineContractTests(PipelineProvider provider)
    : ChatClientContractTests(provider), IClassFixture<PipelineProvider>;
