using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace KvNorm.SemanticKernel;

/// <summary>
/// Leaves out calls that were broken off. Semantic Kernel's contents have no room for what marks them
/// (<see cref="FunctionCallContent.Exception"/>, <see cref="FunctionCallContent.InformationalOnly"/>), so whoever invokes the calls of a
/// message would run them without their arguments.
/// </summary>
internal sealed class RunnableCallsClient(IChatClient inner) : DelegatingChatClient(inner)
{
    /// <inheritdoc/>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatResponse response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        foreach (ChatMessage message in response.Messages)
            message.Contents = Runnable(message.Contents);
        return response;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IAsyncEnumerable<ChatResponseUpdate> updates = base.GetStreamingResponseAsync(messages, options, cancellationToken);
        await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
        {
            update.Contents = Runnable(update.Contents);
            yield return update;
        }
    }

    private static IList<AIContent> Runnable(IList<AIContent> contents) =>
        contents.Any(IsBroken) ? [.. contents.Where(static content => !IsBroken(content))] : contents;

    private static bool IsBroken(AIContent content) => content is FunctionCallContent { Exception: not null };
}
