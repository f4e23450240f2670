using System.Net;
using System.Net.Sockets;
using KvNorm.Cli.Serve;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace KvNorm.Server.Tests.Serve;

/// <summary>The host of `kvnorm serve`, over a tiny model.</summary>
public sealed class ServeHostTests : IAsyncLifetime, IDisposable
{
    private const string Origin = "https://a.example";

    private readonly HttpClient _http = new();
    private WebApplication _app = null!;

    public async Task InitializeAsync()
    {
        _app = ServeHost.Build(new ServeSettings(
            IPAddress.Loopback, 0, [Origin], static options => options.Models.Add(TinyServer.Options())));
        await _app.StartAsync();
        _http.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Build_Metrics_TellTokensAndEvictionsWithoutText()
    {
        using HttpResponseMessage answer = await AskAsync("""{"max_tokens":2,"messages":[{"role":"user","content":"private words"}]}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string metrics = await _http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Matches("kvnorm_tokens_input_total\\{[^}]*} [1-9]", metrics);
        Assert.Contains("kvnorm_decode_duration_seconds_bucket", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("private", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_OtlpEndpointInTheEnvironment_GetsMetricsWithoutText()
    {
        TaskCompletionSource<string> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebApplication collector = await CollectorAsync(told);
        (string Name, string Value)[] variables =
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Urls.Single()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
        ];
        Array.ForEach(variables, static one => Environment.SetEnvironmentVariable(one.Name, one.Value));
        await using WebApplication app = ServeHost.Build(
            new ServeSettings(IPAddress.Loopback, 0, [], static options => options.Models.Add(TinyServer.Options())));
        Array.ForEach(variables, static one => Environment.SetEnvironmentVariable(one.Name, null));
        await app.StartAsync();
        (await _http.PostAsync(new Uri(new Uri(app.Urls.Single()), "/v1/chat/completions"), RunningServer.Json(
            """{"max_tokens":2,"messages":[{"role":"user","content":"private words"}]}"""u8.ToArray()))).Dispose();
        Assert.DoesNotContain("private", await told.Task.WaitAsync(TimeSpan.FromSeconds(60)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.BadRequest)]
    [InlineData("localhost", HttpStatusCode.OK)]
    public async Task Build_HostName_IsOneOfTheLoopback(string name, HttpStatusCode status)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/health/live");
        request.Headers.Host = name;
        using HttpResponseMessage response = await _http.SendAsync(request);
        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.BadRequest)
            Assert.Equal("unknown_host", (await RunningServer.ReadAsync(response)).GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.2", "127.0.0.2")]
    [InlineData("::1", "[::1]")]
    [InlineData("::ffff:127.0.0.1", "[::ffff:127.0.0.1]")]
    [InlineData("0.0.0.0", "*")]
    public void AllowedHosts_Address_IsAmongThem(string address, string name) =>
        Assert.Contains(name, ServeHost.AllowedHosts(IPAddress.Parse(address)), StringComparer.Ordinal);

    [Theory]
    [InlineData(Origin, true)]
    [InlineData("https://b.example", false)]
    public async Task Build_OriginOfAPage_MayReadWhereItWasNamed(string origin, bool allowed)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/models");
        request.Headers.Add("Origin", origin);
        using HttpResponseMessage response = await _http.SendAsync(request);
        Assert.Equal(allowed, response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Build_ConnectionBeyondTheMaximum_IsClosedUntilAnotherEnds()
    {
        await using WebApplication app = ServeHost.Build(
            new ServeSettings(IPAddress.Loopback, 0, [], static options => options.Models.Add(TinyServer.Options()))
            {
                MaximumConnections = 2,
            });
        await app.StartAsync();
        Uri address = new(app.Urls.Single());
        using TcpClient first = await ConnectAsync(address);
        using (await ConnectAsync(address))
        {
            using TcpClient beyond = new();
            await beyond.ConnectAsync(address.Host, address.Port);
            Assert.Equal("", await AskAsync(beyond)); // closed without an answer
            Assert.StartsWith("HTTP/1.1 200", await AskAsync(first), StringComparison.Ordinal);
        }

        string answer;
        do
        {
            using TcpClient next = new();
            await next.ConnectAsync(address.Host, address.Port);
            answer = await AskAsync(next);
        }
        while (answer.Length == 0); // until the server has noticed the end of the other
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);

        // The server has taken it when it answers.
        static async Task<TcpClient> ConnectAsync(Uri address)
        {
            TcpClient client = new();
            await client.ConnectAsync(address.Host, address.Port);
            Assert.StartsWith("HTTP/1.1 200", await AskAsync(client), StringComparison.Ordinal);
            return client;
        }

        static async Task<string> AskAsync(TcpClient client)
        {
            byte[] buffer = new byte[4096];
            string answer = "";
            try
            {
                await client.GetStream().WriteAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
                while (!answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal)
                    && await client.GetStream().ReadAsync(buffer) is > 0 and int read)
                    answer += System.Text.Encoding.ASCII.GetString(buffer, 0, read);
                return answer;
            }
            catch (IOException)
            {
                return ""; // it was reset
            }
        }
    }

    [Fact]
    public async Task StopAsync_AnswerIsRunning_IsFinished()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = RunningServer.Json(
                """{"stream":true,"temperature":0,"max_tokens":300,"messages":[{"role":"user","content":"hello"}]}"""u8.ToArray()),
        };
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Task stop = _app.StopAsync();
        Assert.EndsWith("data: [DONE]\n\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await stop;
        await Assert.ThrowsAsync<HttpRequestException>(() => _http.GetAsync(new Uri("/health/live", UriKind.Relative)));
    }

    [Fact]
    public async Task StopAsync_AnswerTakesTooLong_IsBrokenOff()
    {
        WebApplication app = ServeHost.Build(
            new ServeSettings(IPAddress.Loopback, 0, [], static options => options.Models.Add(TinyServer.Options()))
            {
                GracePeriod = TimeSpan.FromMilliseconds(200),
            });
        await using (app)
        {
            await app.StartAsync();
            using HttpRequestMessage request = new(HttpMethod.Post, new Uri(new Uri(app.Urls.Single()), "/v1/chat/completions"))
            {
                Content = RunningServer.Json(System.Text.Encoding.UTF8.GetBytes(TinyServer.Endless)),
            };
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await app.StopAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync());
        }
    }

    // Tells the first metrics that hold ours.
    private static async Task<WebApplication> CollectorAsync(TaskCompletionSource<string> told)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        WebApplication collector = builder.Build();
        collector.MapPost("/v1/{signal}", async context =>
        {
            using StreamReader reader = new(context.Request.Body, System.Text.Encoding.Latin1);
            string text = await reader.ReadToEndAsync();
            if (text.Contains("kvnorm.tokens.input", StringComparison.Ordinal))
                told.TrySetResult(text);
        });
        await collector.StartAsync();
        return collector;
    }

    private Task<HttpResponseMessage> AskAsync(string body) => _http.PostAsync(
        new Uri("/v1/chat/completions", UriKind.Relative), RunningServer.Json(System.Text.Encoding.UTF8.GetBytes(body)));
}
