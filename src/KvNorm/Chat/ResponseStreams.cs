using System.Runtime.CompilerServices;
using System.Text;
using KvNorm.Chat.Conversations;
using KvNorm.Chat.Prompts;
using KvNorm.Chat.Replies;
using KvNorm.Chat.Requests;
using KvNorm.KvCache.Slots;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace KvNorm.Chat;

/// <summary>
/// The responses of a client, as streams of updates: a request is prepared, waits its turn, and its answer is followed to the end.
/// </summary>
internal sealed class ResponseStreams(
    IChatClient client,
    KvNormChatOptions options,
    ChatModel chat,
    SlotPool pool,
    AnswerScheduler scheduler,
    ConversationStore store,
    ClientLifetime lifetime,
    ILogger logger)
{
    private readonly ArrivalOrder _arrivals = new();

    /// <summary>
    /// Answers in a conversation kept by name. What was said stays with the client, unless the caller says that it sends everything; a
    /// request that fails or is broken off leaves it as it was.
    /// </summary>
    public async IAsyncEnumerable<ChatResponseUpdate> ContinueAsync(
        string id, IEnumerable<ChatMessage> messages, ChatOptions asked, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using ConversationTurn turn =
            await lifetime.WaitAsync(token => store.BeginTurnAsync(id, token), cancellationToken).ConfigureAwait(false);
        bool isWhole = asked.AdditionalProperties?.TryGetValue(KvNormRequest.WholeConversation, out bool sendsAll) == true && sendsAll;
        ChatMessage[] all = isWhole ? [.. messages] : [.. turn.Conversation.Messages, .. messages];
        List<ChatResponseUpdate> updates = [];
        ChatRequest request = ChatRequest.Create(all, asked, options, client);
        await foreach (ChatResponseUpdate update in StreamAsync(request, turn.Conversation, cancellationToken).ConfigureAwait(false))
        {
            update.ConversationId = isWhole ? null : id;
            updates.Add(update);
            if (update.FinishReason is not null)
                turn.Conversation.Messages = request.WithAnswer(UnopenedThought.ToResponse(updates).Messages);
            yield return update;
        }
    }

    /// <summary>Answers a request.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="conversation">The conversation kept by name that it goes on with, whose turn the caller has; null for none.</param>
    /// <param name="cancellationToken">Ends the answer.</param>
    public async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        ChatRequest request, StoredConversation? conversation, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using RequestTelemetry telemetry = new(options.ModelName, logger, request, options.RecordsMessageText);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.End);
        AnswerStream? answer = null;
        try
        {
            string id = Guid.NewGuid().ToString("N");
            StringBuilder text = new();
            bool isFirst = true;
            while (await NextAsync().ConfigureAwait(false) is { } content)
            {
                if (options.RecordsMessageText && content is TextContent part)
                    text.Append(part.Text);
                ChatResponseUpdate update = Update(id, content);
                update.AdditionalProperties = isFirst ? new() { [KvNormUsage.ConversationId] = answer!.ConversationId } : null;
                isFirst = false;
                yield return update;
            }

            AnswerResult result = answer!.Result!;
            Remember(answer.Request.Prompt, result, conversation);
            telemetry.Begin(answer.Queued);
            telemetry.Finish(result, pool.Statistics, text.ToString());
            ChatResponseUpdate last = Update(id, new UsageContent(result.Account.Usage()));
            last.FinishReason = result.FinishReason;
            last.AdditionalProperties = result.Account.Times();
            last.AdditionalProperties[KvNormUsage.ConversationId] = answer.ConversationId;
            yield return last;
        }
        finally
        {
            await linked.CancelAsync().ConfigureAwait(false);
            if (answer is not null)
                scheduler.Leave(answer);
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // one for each piece of an answer
        async ValueTask<AIContent?> NextAsync()
        {
            try
            {
                answer ??= await BeginAsync(request, conversation, telemetry, linked.Token).ConfigureAwait(false);
                linked.Token.ThrowIfCancellationRequested(); // there may be more to show, which nobody wants
                if (answer.Contents.TryRead(out AIContent? content))
                    return content;
                scheduler.Want(answer);
                bool isMore = await answer.Contents.WaitToReadAsync(linked.Token).ConfigureAwait(false);
                return isMore && answer.Contents.TryRead(out content) ? content : null;
            }
            catch (Exception e)
            {
                telemetry.Begin(answer?.Queued);
                telemetry.Fail(e);
                if (e is OperationCanceledException)
                    throw lifetime.Cancelled(cancellationToken);
                throw;
            }
        }
    }

    // On the pool: rendering and tokenising a long prompt takes too long for the thread of a user interface.
    private Task<AnswerStream> BeginAsync(
        ChatRequest request, StoredConversation? conversation, RequestTelemetry telemetry, CancellationToken cancelled) =>
        _arrivals.JoinAsync(
            () => Task.Run(() => PrepareAsync(request, cancelled), cancelled),
            prepared =>
            {
                telemetry.Prepared();
                return scheduler.Add(prepared, conversation, cancelled);
            },
            cancelled);

    private async Task<PreparedRequest> PrepareAsync(ChatRequest request, CancellationToken cancelled)
    {
        PreparedRequest prepared = lifetime.Use(() => PreparedRequest.Create(request, chat, pool.Plan, cancelled));
        try
        {
            Prompt prompt = prepared.Prompt;
            string? question = lifetime.Use(() => pool.PrepareRecall(prompt.Tokens.Length, prompt.NewestQuestion()));
            if (question is null)
                return prepared;
            return prepared with { QuestionVector = await pool.EmbedQuestionAsync(question, cancelled).ConfigureAwait(false) };
        }
        catch
        {
            prepared.Dispose();
            throw;
        }
    }

    private void Remember(Prompt prompt, AnswerResult result, StoredConversation? conversation)
    {
        lifetime.Use(() => chat.Remember(prompt, result.Sampled));
        if (conversation is null)
            return;
        conversation.Tokens = [.. prompt.Tokens, .. result.Sampled];
        conversation.Statistics = result.Account.AddedTo(conversation.Statistics);
    }

    private ChatResponseUpdate Update(string id, AIContent content) => new(ChatRole.Assistant, [content])
    {
        ResponseId = id,
        MessageId = id,
        ModelId = options.ModelName,
        CreatedAt = DateTimeOffset.UtcNow,
    };
}
