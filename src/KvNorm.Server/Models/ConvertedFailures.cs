using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Models;

/// <summary>A client some of whose exceptions become others on their way out.</summary>
/// <param name="inner">The client.</param>
/// <param name="convert">What an exception becomes; null for itself.</param>
internal sealed class ConvertedFailures(IChatClient inner, Func<Exception, Exception?> convert) : DelegatingChatClient(inner)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        TryAsync(() => InnerClient.GetResponseAsync(messages, options, cancellationToken));

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IAsyncEnumerator<ChatResponseUpdate> updates = await TryAsync(() => Task.FromResult(
            InnerClient.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken)))
            .ConfigureAwait(false);
        await using (updates.ConfigureAwait(false))
        {
            while (await TryAsync(() => updates.MoveNextAsync().AsTask()).ConfigureAwait(false))
                yield return updates.Current;
        }
    }

    private async Task<T> TryAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception e) when (convert(e) is { } other)
        {
            ExceptionDispatchInfo.Throw(other); // with the place where it was thrown first
            throw;
        }
    }
}
