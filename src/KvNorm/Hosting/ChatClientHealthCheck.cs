using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KvNorm.Hosting;

/// <summary>Says whether the model is loaded, and how full its cache is.</summary>
internal sealed class ChatClientHealthCheck(ChatClientLoader loader) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Dictionary<string, object> data = new(StringComparer.Ordinal) { ["model"] = loader.Options.ModelName };
        LoadState state = loader.State;
        if (state.Client is { } client)
        {
            KvCacheStatistics statistics = client.Statistics;
            (data["cells"], data["capacity"]) = (statistics.Cells, statistics.Capacity);
            return Task.FromResult(HealthCheckResult.Healthy("The model is loaded.", data));
        }

        if (state.Failure is { } failure)
            return Task.FromResult(new HealthCheckResult(
                context.Registration.FailureStatus, $"The model could not be loaded: {failure.Message}", failure, data));
        return Task.FromResult(HealthCheckResult.Degraded(
            state.IsLoading ? "The model is being loaded." : "The model is loaded when it is first asked for.", data: data));
    }
}
