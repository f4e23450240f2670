using KvNorm.Tests.Contract;

namespace KvNorm.Acceptance.Tests.Contract;

/// <summary>The contract, kept through UseOpenTelemetry, with somebody listening.</summary>
public sealed class OpenTelemetryContractTests(OpenTelemetryProvider provider)
    : ChatClientContractTests(provider), IClassFixture<OpenTelemetryProvider>;
