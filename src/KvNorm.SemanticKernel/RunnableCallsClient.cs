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
        response.Messages = [.. response.Messages.Select(Runnable)];
        return response;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IAsyncEnumerable<ChatResponseUpdate> updates = base.GetStreamingResponseAsync(messages, options, cancellationToken);
        await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
            yield return Runnable(update);
    }

    // Copies, where something changes: the client may keep what it has answered.
    private static ChatMessage Runnable(ChatMessage message)
    {
        if (!message.Contents.Any(IsBroken))
            return message;
        message = message.Clone();
        message.Contents = [.. message.Contents.Where(static content => !IsBroken(content))];
        return message;
    }

    private static ChatResponseUpdate Runnable(ChatResponseUpdate update)
    {
        if (!update.Contents.Any(IsBroken))
            return update;
        update = update.Clone();
        update.Contents = [.. update.Contents.Where(static content => !IsBroken(content))];
        return update;
    }

    private static bool IsBroken(AIContent content) => content is FunctionCallContent { Exception: not null };
}
