using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace KvNorm.Cli.Serve;

/// <summary>
/// What the server tells OpenTelemetry: metrics for Prometheus to fetch, and where the usual variables name an OTLP endpoint, metrics,
/// traces and the log, sent there.
/// </summary>
internal static class Telemetry
{
    private const string Library = "KvNorm";
    private const string GenAi = "Experimental.Microsoft.Extensions.AI";

    private static readonly string[] Endpoints =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    ];

    /// <summary>Adds it to a host.</summary>
    public static void Add(WebApplicationBuilder builder)
    {
        OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource.AddService("kvnorm").AddEnvironmentVariableDetector())
            .WithMetrics(static metrics => metrics
                .AddMeter(Library, GenAi, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
                .AddPrometheusExporter())
            .WithTracing(static traces => traces.AddSource(Library, GenAi).AddAspNetCoreInstrumentation());
        if (Array.Exists(Endpoints, name => !string.IsNullOrEmpty(builder.Configuration[name])))
            telemetry.UseOtlpExporter();
    }
}
