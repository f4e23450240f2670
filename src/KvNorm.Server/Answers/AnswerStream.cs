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
    private bool _hasNext;

    private AnswerStream(IAsyncEnumerator<ChatResponseUpdate> updates, CancellationToken clientGone) =>
        (_updates, _clientGone) = (updates, clientGone);

    /// <summary>Gets the first update; null for an answer without any.</summary>
    public ChatResponseUpdate? First { get; private set; }

    /// <summary>Gets what is told at the end of the updates; null until then, and of an answer that broke off.</summary>
    public ChatResponseUpdate? Last { get; private set; }

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
            AnswerEnd end = new() { Reason = answer.FinishReason };
            foreach (AIContent content in answer.Messages.SelectMany(static message => message.Contents))
                end.Add(content);
            return new ChatResponse([.. answer.Messages.Where(static message => message.Role != ChatRole.Tool).Select(Told)])
            {
                FinishReason = end.FinishReason,
                Usage = answer.Usage,
                AdditionalProperties = answer.AdditionalProperties,
            };

            ChatMessage Told(ChatMessage message)
            {
                message = message.Clone(); // the client may keep what it has answered
                message.Contents = [.. message.Contents.Where(content => !AnswerEnd.Has(content) || end.Calls.Contains(content))];
                return message;
            }
        }
        catch (ArgumentException e)
        {
            throw Refused(e);
        }
    }

    /// <summary>The updates, once. Then there is <see cref="Last"/> or, where the answer broke off, <see cref="Failure"/>.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> ReadAsync()
    {
        AnswerEnd end = new();
        while (_hasNext)
        {
            ChatResponseUpdate update = _updates.Current;
            end.Reason = update.FinishReason ?? end.Reason;
            foreach (AIContent content in update.Contents)
                end.Add(content);
            if (update.Role != ChatRole.Tool)
                yield return Told(update);
            try
            {
                _hasNext = await _updates.MoveNextAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (!_clientGone.IsCancellationRequested)
            {
                Failure = e;
                yield break;
            }
        }

        Last = end.Complete();
    }

    public ValueTask DisposeAsync() => _updates.DisposeAsync();

    private static ChatResponseUpdate Told(ChatResponseUpdate update)
    {
        if (update.FinishReason is null && !update.Contents.Any(AnswerEnd.Has))
            return update; // as nearly every piece
        update = update.Clone(); // the client may keep what it has answered
        update.Contents = [.. update.Contents.Where(static content => !AnswerEnd.Has(content))];
        update.FinishReason = null;
        return update;
    }

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
