using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Tests.Api;

/// <summary>Clients that send or read too slowly, or stop in the middle of a body: the web server's limits.</summary>
public sealed class SlowClientsTests
{
    private static readonly MinDataRate Rate = new(bytesPerSecond: 1 << 20, gracePeriod: TimeSpan.FromSeconds(1.1));

    [Fact]
    public async Task ReadAsync_BodyComesTooSlowly_TimesOut()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            FakeChatClient.Saying(new TextContent("hi")), limit: static limits => limits.MinRequestBodyDataRate = Rate);
        using NetworkStream client = await SendAsync(server, "{\"messages\":");
        string response = await ReadAsync(client);
        Assert.StartsWith("HTTP/1.1 408 ", response, StringComparison.Ordinal);
        Assert.Contains("request_timeout", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_BodyNeverComesWhole_TimesOutAndLeavesItsPlace()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            FakeChatClient.Saying(new TextContent("hi")),
            static options => options.BodyTimeout = TimeSpan.FromMilliseconds(100),
            static limits => limits.MinRequestBodyDataRate = null); // as for a body that comes just fast enough
        using NetworkStream client = await SendAsync(server, "{\"messages\":");
        string response = await ReadAsync(client);
        Assert.StartsWith("HTTP/1.1 408 ", response, StringComparison.Ordinal);
        Assert.Contains("request_timeout", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_BodyIsMalformed_IsRefused()
    {
        await using RunningServer server = await RunningServer.StartAsync(FakeChatClient.Saying(new TextContent("hi")));
        using NetworkStream client = await SendAsync(server, "not the length of a chunk\r\n", "Transfer-Encoding: chunked");
        string response = await ReadAsync(client);
        Assert.StartsWith("HTTP/1.1 400 ", response, StringComparison.Ordinal);
        Assert.Contains("invalid_request", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_BodyIsCut_ReachesNobody()
    {
        FakeChatClient fake = FakeChatClient.Saying(new TextContent("hi"));
        await using RunningServer server = await RunningServer.StartAsync(fake);
        (await SendAsync(server, "{\"messages\":")).Dispose();
        await server.CompleteAsync("""{"messages":[{"role":"user","content":"a"}]}""");
        Assert.Single(fake.Requests);
    }

    [Fact]
    public async Task WriteAsync_AnswerIsNotRead_Ends()
    {
        FakeChatClient fake = FakeChatClient.Endless(new string('a', 100_000));
        await using RunningServer server = await RunningServer.StartAsync(fake, limit: static limits => limits.MinResponseDataRate = Rate);
        const string body = """{"stream":true,"messages":[{"role":"user","content":"a"}]}""";
        using NetworkStream client = await SendAsync(server, body, $"Content-Length: {body.Length}");
        await fake.Ended.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task WriteAsync_AnswerIsNotRead_HasTheTimeOfAnAnswerAtMost()
    {
        FakeChatClient fake = FakeChatClient.Endless(new string('a', 100_000));
        await using RunningServer server = await RunningServer.StartAsync(
            fake,
            static options => options.RequestTimeout = TimeSpan.FromMilliseconds(500),
            static limits => limits.MinResponseDataRate = null);
        const string body = """{"stream":true,"messages":[{"role":"user","content":"a"}]}""";
        using NetworkStream client = await SendAsync(server, body, $"Content-Length: {body.Length}");
        await fake.Ended.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static async Task<NetworkStream> SendAsync(RunningServer server, string body, string length = "Content-Length: 1000")
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);
        NetworkStream client = new(socket, ownsSocket: true);
        await client.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + $"{length}\r\n\r\n{body}"));
        return client;
    }

    private static async Task<string> ReadAsync(NetworkStream client)
    {
        using StreamReader reader = new(client, Encoding.ASCII);
        return await reader.ReadToEndAsync();
    }
}
