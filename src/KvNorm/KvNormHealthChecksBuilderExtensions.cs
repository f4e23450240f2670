using KvNorm.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a health check of a local chat model.</summary>
public static class KvNormHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that is healthy when the model is loaded, degraded while it is not, and unhealthy when loading it failed. Its data are
    /// the model's name, and once it is loaded the cells in use and the cells there are. It loads nothing itself.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="serviceKey">The key that AddKeyedKvNormChat was given; null for the client without a key.</param>
    /// <param name="name">The check's name; null for "kvnorm", and "kvnorm-KEY" with a key.</param>
    /// <param name="failureStatus">What a failed load is reported as; null for unhealthy.</param>
    /// <param name="tags">Tags to choose checks by.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddKvNormChat(
        this IHealthChecksBuilder builder, object? serviceKey = null, string? name = null, HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name ?? (serviceKey is null ? "kvnorm" : $"kvnorm-{serviceKey}"),
            provider => new ChatClientHealthCheck(provider.GetRequiredKeyedService<ChatClientLoader>(serviceKey)),
            failureStatus,
            tags));
    }
}
