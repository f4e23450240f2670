using System.IO.Pipelines;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace DesktopAssistant;

/// <summary>
/// An MCP server in this process, reached through two pipes. One in a process of its own is reached by a StdioClientTransport in their
/// place.
/// </summary>
internal sealed class ToolServer : IAsyncDisposable
{
    private readonly Pipe _requests = new(), _replies = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly McpServer _server;
    private readonly Task _running;

    public ToolServer(DesktopTools tools)
    {
        McpServerOptions options = new() { ToolCollection = [.. tools.All] };
        _server = McpServer.Create(new StreamServerTransport(_requests.Reader.AsStream(), _replies.Writer.AsStream()), options);
        _running = _server.RunAsync(_stop.Token);
    }

    public Task<McpClient> ConnectAsync() =>
        McpClient.CreateAsync(new StreamClientTransport(_requests.Writer.AsStream(), _replies.Reader.AsStream()));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _server.DisposeAsync();
        _stop.Dispose();
    }
}
