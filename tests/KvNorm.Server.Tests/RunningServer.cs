using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KvNorm.Server.Tests;

/// <summary>An application's own host with the endpoints mapped, listening on a port of the loopback.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningServer(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
        Http = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Gets what was logged.</summary>
    public RecordingLogger Log => _app.Services.GetRequiredService<RecordingLogger>();

    /// <summary>Starts a server over a client.</summary>
    public static Task<RunningServer> StartAsync(
        IChatClient client, Action<KvNormServerOptions>? configure = null, Action<KestrelServerLimits>? limit = null) =>
        StartAsync(configure, services => services.AddSingleton(client), limit);

    /// <summary>Starts a server.</summary>
    public static async Task<RunningServer> StartAsync(
        Action<KvNormServerOptions>? configure, Action<IServiceCollection>? services = null, Action<KestrelServerLimits>? limit = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => limit?.Invoke(kestrel.Limits));
        RecordingLogger log = new();
        builder.Services.AddSingleton(log);
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        services?.Invoke(builder.Services);
        builder.Services.AddKvNormServer(configure);
        WebApplication app = builder.Build();
        app.MapKvNorm();
        await app.StartAsync();
        return new RunningServer(app);
    }

    /// <summary>Sends a body as JSON.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string body, CancellationToken cancellationToken = default) =>
        Http.PostAsync(new Uri(path, UriKind.Relative), Json(Encoding.UTF8.GetBytes(body)), cancellationToken);

    /// <summary>Asks for a chat completion, and reads the answer.</summary>
    public async Task<JsonElement> CompleteAsync(string body)
    {
        using HttpResponseMessage response = await PostAsync("/v1/chat/completions", body);
        await RequireSuccessAsync(response);
        return await ReadAsync(response);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using HttpResponseMessage response = await Http.GetAsync(new Uri(path, UriKind.Relative));
        await RequireSuccessAsync(response);
        return await ReadAsync(response);
    }

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync());

    public static ByteArrayContent Json(byte[] body)
    {
        ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private async Task RequireSuccessAsync(HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode)
            return;
        IEnumerable<string> log = Log.Lines.Where(static line => line.StartsWith("KvNorm", StringComparison.Ordinal));
        Assert.Fail($"{await response.Content.ReadAsStringAsync()}\n{string.Join('\n', log)}");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true)); // connections that a test left open are not waited for
        await _app.DisposeAsync();
    }
}
