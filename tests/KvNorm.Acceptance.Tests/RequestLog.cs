using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests;

/// <summary>
/// Records what reaches a client and what it answers. It does not own the client, so that a pipeline over a shared one can be disposed of.
/// </summary>
internal sealed class RequestLog(IChatClient client) : DelegatingChatClient(client)
{
    private readonly List<LoggedRequest> _requests = [];

    /// <summary>Gets the requests in the order of their answers' ends.</summary>
    public IReadOnlyList<LoggedRequest> Requests => _requests;

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatMessage[] all = [.. messages];
        ChatResponse response = await base.GetResponseAsync(all, options, cancellationToken);
        Add(all, options, response);
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatMessage[] all = [.. messages];
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(all, options, cancellationToken))
        {
            updates.Add(update);
            yield return update;
        }

        Add(all, options, updates.ToChatResponse());
    }

    protected override void Dispose(bool disposing) => base.Dispose(disposing: false);

    private void Add(IReadOnlyList<ChatMessage> messages, ChatOptions? options, ChatResponse response)
    {
        UsageDetails usage = new();
        usage.Add(response.Usage!);
        lock (_requests)
            _requests.Add(new LoggedRequest(messages, options?.Clone(), response, usage));
    }
}
