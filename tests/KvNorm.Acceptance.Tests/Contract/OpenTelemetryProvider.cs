using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests.Contract;

public sealed class OpenTelemetryProvider : DecoratedProvider
{
    private const string Source = "KvNorm.Acceptance.Tests.Contract";

    // Without a listener no activity is made, and the decorator would only hand on.
    static OpenTelemetryProvider() => ActivitySource.AddActivityListener(new ActivityListener
    {
        ShouldListenTo = static source => source.Name is Source or "KvNorm",
        Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
    });

    protected override ChatClientBuilder Decorate(ChatClientBuilder builder) =>
        builder.UseOpenTelemetry(sourceName: Source, configure: static telemetry => telemetry.EnableSensitiveData = true);
}
