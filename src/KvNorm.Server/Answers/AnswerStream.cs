using KvNorm.Server.Api;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Answers;

/// <summary>
/// A streamed answer that has begun: its first update is there, so that a request which is refused is refused before anything was sent.
/// </summary>
internal sealed class AnswerStream : IAsyncDisposable
{
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates;
    private readonly CancellationToken _clientGone;
    private bool _hasNext, _hasCalls;

    private AnswerStream(IAsyncEnumerator<ChatResponseUpdate> updates, CancellationToken clientGone) =>
        (_updates, _clientGone) = (updates, clientGone);

    /// <summary>Gets the first update; null for an answer without any.</summary>
    public ChatResponseUpdate? First { get; private set; }

    /// <summary>Gets what broke the answer off; null for nothing.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Begins an answer.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="clientGone">Cancelled when nobody reads the answer any more.</param>
    public static async Task<AnswerStream> BeginAsync(
        AnswerTurn turn, IEnumerable<ChatMessage> messages, ChatOptions options, CancellationToken clientGone)
    {
        AnswerStream? stream = null;
        try
        {
            IAsyncEnumerable<ChatResponseUpdate> updates = turn.Use.Client.GetStreamingResponseAsync(messages, options, turn.Cancelled);
            stream = new AnswerStream(updates.GetAsyncEnumerator(turn.Cancelled), clientGone);
            stream._hasNext = await stream._updates.MoveNextAsync().ConfigureAwait(false);
            stream.First = stream._hasNext ? stream._updates.Current : null;
            return stream;
        }
        catch (Exception e)
        {
            if (stream is not null)
                await stream.DisposeAsync().ConfigureAwait(false);
            if (e is ArgumentException argument)
                throw Refused(argument);
            throw;
        }
    }

    /// <summary>A whole answer.</summary>
    public static async Task<ChatResponse> GetAsync(AnswerTurn turn, IEnumerable<ChatMessage> messages, ChatOptions options)
    {
        try
        {
            ChatResponse answer = await turn.Use.Client.GetResponseAsync(messages, options, turn.Cancelled).ConfigureAwait(false);
            bool hasCalls = answer.Messages.Any(static message => message.Contents.Any(IsRunnableCall));
            return new ChatResponse([.. answer.Messages.Select(Runnable)])
            {
                FinishReason = Reason(answer.FinishReason, hasCalls),
                Usage = answer.Usage,
                AdditionalProperties = answer.AdditionalProperties,
            };
        }
        catch (ArgumentException e)
        {
            throw Refused(e);
        }
    }

    /// <summary>The updates, once. Where the answer breaks off they end, and <see cref="Failure"/> says why.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> ReadAsync()
    {
        while (_hasNext)
        {
            _hasCalls |= _updates.Current.Contents.Any(IsRunnableCall);
            yield return Runnable(_updates.Current, _hasCalls);
            try
            {
                _hasNext = await _updates.MoveNextAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (!_clientGone.IsCancellationRequested)
            {
                (_hasNext, Failure) = (false, e);
            }
        }
    }

    public ValueTask DisposeAsync() => _updates.DisposeAsync();

    // Copies, where something changes: the client may keep what it has answered.
    private static ChatMessage Runnable(ChatMessage message)
    {
        message = message.Clone();
        message.Contents = [.. message.Contents.Where(IsRunnable)];
        return message;
    }

    private static ChatResponseUpdate Runnable(ChatResponseUpdate update, bool hasCalls)
    {
        ChatFinishReason? reason = Reason(update.FinishReason, hasCalls);
        if (reason == update.FinishReason && update.Contents.All(IsRunnable))
            return update; // as nearly every piece
        update = update.Clone();
        update.Contents = [.. update.Contents.Where(IsRunnable)];
        update.FinishReason = reason;
        return update;
    }

    // A call that was received in half, or cannot be read, has no arguments, and OpenAI's API no way to say so: whoever asked would run it.
    private static bool IsRunnable(AIContent content) => content is not FunctionCallContent || IsRunnableCall(content);

    private static bool IsRunnableCall(AIContent content) => content is FunctionCallContent { Exception: null, InformationalOnly: false };

    private static ChatFinishReason? Reason(ChatFinishReason? reason, bool hasCalls) =>
        reason == ChatFinishReason.ToolCalls && !hasCalls ? ChatFinishReason.Stop : reason;

    // What the request's own fields did not show, the chat client finds. It knows samplers' settings by the names that requests have.
    private static ApiException Refused(ArgumentException e)
    {
        string property = $"ChatOptions.AdditionalProperties[\"{e.ParamName}\"]";
        string? field = e.Message.StartsWith(property, StringComparison.Ordinal) ? e.ParamName : null;
        string message = e.Message
            .Replace($" (Parameter '{e.ParamName}')", "", StringComparison.Ordinal)
            .Replace(property, $"'{field}'", StringComparison.Ordinal);
        return new ApiException(StatusCodes.Status400BadRequest, "invalid_value", message, field);
    }
}
