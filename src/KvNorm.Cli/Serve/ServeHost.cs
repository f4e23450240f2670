using System.Net;
using System.Net.Sockets;
using KvNorm.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace KvNorm.Cli.Serve;

/// <summary>
/// The web host of `kvnorm serve`. It begins empty: neither a file that happens to lie in the current folder nor a variable meant for
/// another program changes where it listens.
/// </summary>
internal static class ServeHost
{
    private const string ConversationHeader = "X-Conversation-Id";
    private const string UnknownHost = """
        {"error":{"message":"This server answers to localhost, 127.0.0.1, [::1] and its own address only; the header Host names another.",
        "type":"invalid_request_error","param":null,"code":"unknown_host"}}
        """;

    /// <summary>The host, not started.</summary>
    public static WebApplication Build(ServeSettings settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddEnvironmentVariables(); // for OpenTelemetry
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, settings));
        AddLogging(builder.Logging);
        builder.Services.AddRoutingCore();
        builder.Services.AddKvNormServer(settings.Configure);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.GracePeriod);
        builder.Services.AddHostFiltering(options => FilterHosts(options, settings.Address));
        builder.Services.AddCors(options => options.AddDefaultPolicy(
            policy => policy.WithOrigins([.. settings.Origins]).AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(ConversationHeader)));
        Telemetry.Add(builder);

        WebApplication app = builder.Build();
        app.Use(TellUnknownHostAsync);
        app.UseHostFiltering();
        if (settings.Origins.Count > 0)
            app.UseCors();
        app.MapKvNorm();
        app.MapPrometheusScrapingEndpoint("/metrics").RequireKvNormKey();
        return app;
    }

    private static void Listen(KestrelServerOptions kestrel, ServeSettings settings)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = settings.MaximumConnections;
        kestrel.Listen(settings.Address, settings.Port);
    }

    /// <summary>The names that the server answers to: a page of a stranger whose name leads to this address is not answered.</summary>
    internal static IList<string> AllowedHosts(IPAddress address) => !IPAddress.IsLoopback(address)
        ? ["*"]
        : ["localhost", "127.0.0.1", "[::1]", address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : $"{address}"];

    private static void FilterHosts(HostFilteringOptions options, IPAddress address)
    {
        options.AllowedHosts = AllowedHosts(address);
        options.IncludeFailureMessage = false; // it is a page, and clients of an API read JSON
    }

    private static async Task TellUnknownHostAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Response is not { StatusCode: StatusCodes.Status400BadRequest, HasStarted: false })
            return;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(UnknownHost, context.RequestAborted);
    }

    private static void AddLogging(ILoggingBuilder logging) => logging
        .AddSimpleConsole(static options => (options.SingleLine, options.TimestampFormat) = (true, "HH:mm:ss "))
        .Services.Configure<ConsoleLoggerOptions>(static options => options.LogToStandardErrorThreshold = LogLevel.Trace)
        .Configure<LoggerFilterOptions>(static options =>
        {
            options.MinLevel = LogLevel.Information;
            options.AddFilter("Microsoft", LogLevel.Warning);
            options.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // a host that cannot start throws; it need not be told twice
        });
}
