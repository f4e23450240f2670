using System.IO.Pipelines;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace KvNorm.Acceptance.Tests.Mcp;

/// <summary>An MCP server and a client of it in one process, joined by two pipes.</summary>
internal sealed class McpPair : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly McpServer _server;
    private readonly Task _running;

    private McpPair(McpServer server, McpClient client, Task running, CancellationTokenSource stop) =>
        (_server, Client, _running, _stop) = (server, client, running, stop);

    public McpClient Client { get; }

    public static async Task<McpPair> CreateAsync(IEnumerable<McpServerTool> tools, McpClientHandlers? handlers = null)
    {
        Pipe requests = new(), replies = new();
        CancellationTokenSource stop = new();
        McpServerOptions options = new() { ToolCollection = [.. tools] };
        McpServer server = McpServer.Create(new StreamServerTransport(requests.Reader.AsStream(), replies.Writer.AsStream()), options);
        Task running = server.RunAsync(stop.Token);
        StreamClientTransport transport = new(requests.Writer.AsStream(), replies.Reader.AsStream());
        McpClient client = await McpClient.CreateAsync(transport, new McpClientOptions { Handlers = handlers ?? new McpClientHandlers() });
        return new McpPair(server, client, running, stop);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _server.DisposeAsync();
        _stop.Dispose();
    }
}
