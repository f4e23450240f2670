using System.Runtime.CompilerServices;
using System.Text;
using KvNorm.Chat;
using KvNorm.Chat.Conversations;
using KvNorm.Chat.Prompts;
using KvNorm.Chat.Requests;
using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using LLama;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvNorm;

/// <summary>
/// A local chat model whose KV cache stays inside its budget, however long the conversation. Callers send the whole history with every request; what the
/// cache still holds of it is not prefilled again. Safe for concurrent use: as many requests as there are slots are answered at a time, the others wait in
/// order. A stream that is not read is not written on, unless others are read beside it; disposing of it ends its answer.
/// </summary>
public sealed class KvNormChatClient : IChatClient
{
    private readonly KvNormChatOptions _options;
    private readonly LlamaModel _model;
    private readonly ILogger _logger;
    private readonly SlotPool _cache;
    private readonly ChatModel _chat;
    private readonly ChatClientMetadata _metadata;
    private readonly AnswerScheduler _scheduler;
    private readonly ConversationStore _store;
    private readonly NamedConversations _conversations;
    private readonly CancellationTokenSource _disposal = new();
    private readonly ReaderWriterLockSlim _lifetime = new(LockRecursionPolicy.NoRecursion); // read while the model is used beside the worker
    private int _disposed;

    private KvNormChatClient(KvNormChatOptions options, LlamaModel model, ILogger logger)
    {
        (_options, _model, _logger) = (options, model, logger);
        options.ModelName = model.Name;
        _metadata = new ChatClientMetadata("kvnorm", providerUri: null, model.Name);
        _chat = new ChatModel(model, options.ChatTemplate);
        ModelProbe probe = ModelProbe.Run(model, options.ThreadCount);
        _cache = new SlotPool(model, probe, options.KvCacheBudget, options.Policy, options.ThreadCount, logger, options.Slots, options.ParkedBytes);
        _scheduler = new AnswerScheduler(_cache, TimeProvider.System);
        _store = new ConversationStore(options.MaximumConversations, options.ConversationIdleTime, options.ConversationTimeout, TimeProvider.System);
        _conversations = new NamedConversations(_store, _cache, _scheduler, _chat);
        ModelFacts = Facts(model, _cache.Plan.Probe);
    }

    /// <summary>Gets what the cache holds and what happened in it.</summary>
    public KvCacheStatistics Statistics => _cache.Statistics;

    /// <summary>Gets what is known of the model and its cache.</summary>
    public KvNormModelFacts ModelFacts { get; }

    internal LlamaModel Model => _model;

    internal SlotPool Cache => _cache;

    /// <summary>Loads a model and makes its cache. Blocks for as long as the file takes to load.</summary>
    /// <param name="options">The model, the budget and the policy; null for the embedded model and the defaults.</param>
    /// <param name="loggerFactory">Receives this library's and llama.cpp's log.</param>
    /// <param name="progress">Told the share of the model loaded, 0 to 1.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <exception cref="FileNotFoundException">There is no such model file.</exception>
    /// <exception cref="InvalidDataException">The file is not a GGUF file.</exception>
    /// <exception cref="NotSupportedException">The model is no chat model this client can serve.</exception>
    /// <exception cref="KvCacheBudgetException">The budget is too small for any conversation with this model.</exception>
    /// <exception cref="LlamaException">llama.cpp is of another release, or refused the model.</exception>
    /// <exception cref="DllNotFoundException">llama.cpp's libraries are missing or do not run here.</exception>
    public static KvNormChatClient Create(
        KvNormChatOptions? options = null,
        ILoggerFactory? loggerFactory = null,
        IProgress<float>? progress = null,
        CancellationToken cancellationToken = default) =>
        Create(options, loggerFactory, own => LlamaModel.Load(own.ModelPath, own.GpuLayers, progress, cancellationToken));

    /// <summary>
    /// Makes a client over weights that the application has loaded through LLamaSharp. Several clients may share them, and there is one copy in memory.
    /// The application goes on owning them: the client does not dispose of them. Where the application disposes of them first, their memory stays
    /// until the last client over them is disposed of, and the clients go on answering.
    /// </summary>
    /// <param name="weights">The weights.</param>
    /// <param name="options">The budget and the policy; GpuLayers has no effect. Null for the defaults.</param>
    /// <param name="loggerFactory">Receives this library's and llama.cpp's log.</param>
    /// <exception cref="NotSupportedException">The model is no chat model this client can serve.</exception>
    /// <exception cref="KvCacheBudgetException">The budget is too small for any conversation with this model.</exception>
    /// <exception cref="LlamaException">LLamaSharp is of another release than this library was written for.</exception>
    public static KvNormChatClient Create(LLamaWeights weights, KvNormChatOptions? options = null, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return Create(options, loggerFactory, own => LlamaModel.Share(weights, own.GivenModelPath));
    }

    /// <summary><see cref="Create(KvNormChatOptions?, ILoggerFactory?, IProgress{float}?, CancellationToken)"/> on the thread pool.</summary>
    /// <inheritdoc cref="Create(KvNormChatOptions?, ILoggerFactory?, IProgress{float}?, CancellationToken)"/>
    public static Task<KvNormChatClient> CreateAsync(
        KvNormChatOptions? options = null,
        ILoggerFactory? loggerFactory = null,
        IProgress<float>? progress = null,
        CancellationToken cancellationToken = default)
    {
        options = options?.Copy();
        return Task.Run(() => Create(options, loggerFactory, progress, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        AdditionalPropertiesDictionary? figures = null;
        ChatResponse response = await WithFigures().ToChatResponseAsync(cancellationToken).ConfigureAwait(false);
        response.AdditionalProperties = figures;
        return response;

        async IAsyncEnumerable<ChatResponseUpdate> WithFigures()
        {
            await foreach (ChatResponseUpdate update in GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
            {
                figures = update.AdditionalProperties?.Clone();
                yield return update;
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">
    /// The options or messages ask for what this client does not do; or the conversation reached the trained length of a model whose positions cannot be
    /// renumbered.
    /// </exception>
    /// <exception cref="KvCacheBudgetException">The system prompt does not fit into the budget.</exception>
    /// <exception cref="ChatTemplateException">The model's template refuses the conversation.</exception>
    /// <exception cref="TimeoutException">The conversation was in use for longer than <see cref="KvNormChatOptions.ConversationTimeout"/>.</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled; the next one works.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return string.IsNullOrEmpty(options?.ConversationId)
            ? StreamAsync(ChatRequest.Create(messages, options, _options, this), null, cancellationToken)
            : ContinueAsync(options.ConversationId, messages, options, cancellationToken);
    }

    /// <summary>Makes a session over this client's model, with a cache of its own, for evaluations and experiments. Dispose of it before the client.</summary>
    /// <param name="budget">How large its cache may become; null for the client's budget.</param>
    /// <param name="policy">What stays in it; null for the client's policy.</param>
    /// <exception cref="KvCacheBudgetException">The budget is too small for any text.</exception>
    public KvCacheSession CreateSession(KvCacheBudget? budget = null, EvictionPolicy? policy = null)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        KvCacheSessionModel model = KvCacheSessionModel.Of(_model, _cache.Plan.Probe, _options, _logger);
        return KvCacheSession.Over(model, budget ?? _options.KvCacheBudget, policy ?? _options.Policy);
    }

    /// <summary>The conversations held: those with a name (ChatOptions.ConversationId), the last used first, then what else is in slots and host memory.</summary>
    public IReadOnlyList<KvNormConversation> GetConversations()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _conversations.All;
    }

    /// <summary>A conversation that callers named by ChatOptions.ConversationId.</summary>
    /// <param name="conversationId">Its name.</param>
    /// <returns>Null when there is none of that name.</returns>
    public KvNormConversation? GetConversation(string conversationId)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _conversations.Find(conversationId);
    }

    /// <summary>
    /// Saves a conversation that callers named by ChatOptions.ConversationId: its messages and what the cache holds of it. Waits for a request that uses it.
    /// </summary>
    /// <param name="conversationId">Its name.</param>
    /// <param name="destination">Where to; need not seek.</param>
    /// <param name="cancellationToken">Stops the save; what was written by then is no conversation.</param>
    /// <exception cref="ArgumentException">There is no such conversation.</exception>
    /// <exception cref="TimeoutException">It was in use for longer than <see cref="KvNormChatOptions.ConversationTimeout"/>.</exception>
    public Task SaveConversationAsync(string conversationId, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _conversations.SaveAsync(conversationId, destination, cancellationToken);
    }

    /// <summary>
    /// Saves a conversation to a file, which only the user may read. It is put in place when it is complete; until then a file that is there stays as it is.
    /// </summary>
    /// <param name="conversationId">Its name.</param>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <exception cref="ArgumentException">There is no such conversation.</exception>
    /// <exception cref="TimeoutException">It was in use for longer than <see cref="KvNormChatOptions.ConversationTimeout"/>.</exception>
    public Task SaveConversationAsync(string conversationId, string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return AtomicFile.WriteAsync(path, file => _conversations.SaveAsync(conversationId, file, cancellationToken));
    }

    /// <summary>
    /// Loads a saved conversation. What the cache held of it is held again, where it fits, and not prefilled again. Nothing changes before the whole file is
    /// checked.
    /// </summary>
    /// <param name="conversationId">A name to go on under, by ChatOptions.ConversationId; a conversation of that name is replaced.</param>
    /// <param name="source">Where from; need not seek.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <returns>The messages so far.</returns>
    /// <exception cref="ConversationFileException">It is no saved conversation, damaged, of another model, or newer.</exception>
    /// <exception cref="TimeoutException">
    /// A conversation of that name was in use for longer than <see cref="KvNormChatOptions.ConversationTimeout"/>.
    /// </exception>
    public Task<IReadOnlyList<ChatMessage>> LoadConversationAsync(
        string conversationId, Stream source, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        ArgumentNullException.ThrowIfNull(source);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _conversations.LoadAsync(conversationId, source, cancellationToken);
    }

    /// <summary>Loads a saved conversation from a file.</summary>
    /// <inheritdoc cref="LoadConversationAsync(string, Stream, CancellationToken)"/>
    public async Task<IReadOnlyList<ChatMessage>> LoadConversationAsync(
        string conversationId, string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, useAsync: true);
        await using (file.ConfigureAwait(false))
            return await LoadConversationAsync(conversationId, file, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Forgets a conversation that callers named by ChatOptions.ConversationId. Until then its messages are kept, within the bounds of
    /// <see cref="KvNormChatOptions.MaximumConversations"/> and <see cref="KvNormChatOptions.ConversationIdleTime"/>.
    /// </summary>
    /// <param name="conversationId">Its name.</param>
    /// <returns>Whether there was one.</returns>
    public bool RemoveConversation(string conversationId) => _store.Remove(conversationId);

    /// <summary>Every token of the conversation that got a slot last, and how much of it the cache still holds.</summary>
    public IReadOnlyList<TokenRetention> GetRetention() => UseModel(() => Describe(_cache.Latest.Retention()));

    /// <summary>Every token of a conversation that callers named by ChatOptions.ConversationId, and how much of it the cache still holds.</summary>
    /// <param name="conversationId">Its name.</param>
    /// <exception cref="ArgumentException">There is no such conversation.</exception>
    public IReadOnlyList<TokenRetention> GetRetention(string conversationId)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        return UseModel(() => Describe(_conversations.Retention(conversationId)));
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        if (serviceType == typeof(ChatClientMetadata))
            return _metadata;
        if (serviceType == typeof(KvCacheStatistics))
            return Statistics;
        if (serviceType == typeof(KvNormModelFacts))
            return ModelFacts;
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>
    /// Stops the requests in progress, which then throw <see cref="ObjectDisposedException"/>, waits until the running decode has ended, and frees model and
    /// cache.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _disposal.Cancel();
        _scheduler.Dispose();
        _lifetime.EnterWriteLock();
        _cache.Dispose();
        _model.Dispose();
        _lifetime.ExitWriteLock();
    }

    private static KvNormChatClient Create(KvNormChatOptions? options, ILoggerFactory? loggerFactory, Func<KvNormChatOptions, LlamaModel> load)
    {
        options = options?.Copy() ?? new KvNormChatOptions();
        options.Validate();
        ILogger logger = loggerFactory?.CreateLogger("KvNorm") ?? NullLogger.Instance;
        LlamaLibrary.EnsureLoaded(loggerFactory is null ? null : logger);
        LlamaModel model = load(options);
        try
        {
            return new KvNormChatClient(options, model, logger);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static KvNormModelFacts Facts(LlamaModel model, ModelProbe probe) => new()
    {
        Name = model.Name,
        Architecture = model.Architecture,
        Parameters = model.ParameterCount,
        Bytes = model.Bytes,
        Layers = model.LayerCount,
        KeyValueHeads = [.. probe.Geometry?.Layers.Select(static layer => layer.Heads) ?? []],
        HeadLength = model.KeyLength,
        TrainedLength = model.TrainedLength,
        SlidingWindow = model.SlidingWindow,
        BytesPerCell = probe.BytesPerCell,
        Mechanism = probe.Mechanism,
        MechanismReason = probe.Reason,
    };

    // What was said stays with the client; a request that fails or is broken off leaves it as it was.
    private async IAsyncEnumerable<ChatResponseUpdate> ContinueAsync(
        string id, IEnumerable<ChatMessage> messages, ChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using ConversationTurn turn = await BeginTurnAsync(id, cancellationToken).ConfigureAwait(false);
        ChatMessage[] all = [.. turn.Conversation.Messages, .. messages];
        List<ChatResponseUpdate> updates = [];
        ChatRequest request = ChatRequest.Create(all, options, _options, this);
        await foreach (ChatResponseUpdate update in StreamAsync(request, turn.Conversation, cancellationToken).ConfigureAwait(false))
        {
            update.ConversationId = id;
            updates.Add(update);
            if (update.FinishReason is not null)
                turn.Conversation.Messages = [.. all, .. updates.ToChatResponse().Messages];
            yield return update;
        }
    }

    private async Task<ConversationTurn> BeginTurnAsync(string id, CancellationToken cancellationToken)
    {
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
        try
        {
            return await _store.BeginTurnAsync(id, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw Cancelled(cancellationToken);
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        ChatRequest request, StoredConversation? conversation, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using RequestTelemetry telemetry = new(_model.Name, _logger, request, _options.RecordsMessageText);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
        AnswerStream? answer = null;
        try
        {
            string id = Guid.NewGuid().ToString("N");
            StringBuilder text = new();
            while (await NextAsync().ConfigureAwait(false) is { } content)
            {
                if (_options.RecordsMessageText && content is TextContent part)
                    text.Append(part.Text);
                yield return Update(id, content);
            }

            AnswerResult result = answer!.Result!;
            Remember(answer.Request.Prompt, result, conversation);
            telemetry.Begin(answer.Queued);
            telemetry.Finish(result, _cache.Statistics, text.ToString());
            ChatResponseUpdate last = Update(id, new UsageContent(result.Account.Usage()));
            last.FinishReason = result.FinishReason;
            last.AdditionalProperties = result.Account.Times();
            yield return last;
        }
        finally
        {
            await linked.CancelAsync().ConfigureAwait(false);
            if (answer is not null)
                _scheduler.Leave(answer);
        }

        // Disposal cancels like a caller does, but is told apart.
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // one for each piece of an answer
        async ValueTask<AIContent?> NextAsync()
        {
            try
            {
                answer ??= await BeginAsync(request, conversation?.Id, telemetry, linked.Token).ConfigureAwait(false);
                linked.Token.ThrowIfCancellationRequested(); // there may be more to show, which nobody wants
                if (answer.Contents.TryRead(out AIContent? content))
                    return content;
                _scheduler.Want(answer);
                return await answer.Contents.WaitToReadAsync(linked.Token).ConfigureAwait(false) && answer.Contents.TryRead(out content) ? content : null;
            }
            catch (Exception e)
            {
                telemetry.Begin(answer?.Queued);
                telemetry.Fail(e);
                if (e is OperationCanceledException)
                    throw Cancelled(cancellationToken);
                throw;
            }
        }
    }

    // On the pool: rendering and tokenising a long prompt takes too long for the thread of a user interface.
    private async Task<AnswerStream> BeginAsync(ChatRequest request, string? conversationId, RequestTelemetry telemetry, CancellationToken cancelled)
    {
        PreparedRequest prepared = await Task.Run(
            () => UseModel(() => PreparedRequest.Create(request, _chat, _cache.Plan, cancelled)), cancelled).ConfigureAwait(false);
        telemetry.Prepared();
        return _scheduler.Add(prepared, conversationId, cancelled);
    }

    private void Remember(Prompt prompt, AnswerResult result, StoredConversation? conversation)
    {
        _ = UseModel(() =>
        {
            _chat.Remember(prompt, result.Sampled);
            return result;
        });
        if (conversation is null)
            return;
        conversation.Tokens = [.. prompt.Tokens, .. result.Sampled];
        conversation.Statistics = result.Account.AddedTo(conversation.Statistics);
    }

    // The model is not freed before this is done.
    private T UseModel<T>(Func<T> use)
    {
        _lifetime.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            return use();
        }
        finally
        {
            _lifetime.ExitReadLock();
        }
    }

    private Exception Cancelled(CancellationToken cancellationToken) => _disposed != 0
        ? new ObjectDisposedException(nameof(KvNormChatClient), "The client was disposed of during the request.")
        : new OperationCanceledException(cancellationToken);

    private List<TokenRetention> Describe((int[] Tokens, float[] Held) retention)
    {
        Decoder decoder = Encoding.UTF8.GetDecoder();
        return [.. retention.Tokens.Zip(retention.Held, (token, share) => new TokenRetention(Text(token), share))];

        string Text(int token)
        {
            byte[] bytes = _model.Vocabulary.PieceBytes(token, special: true);
            char[] characters = new char[bytes.Length + 1];
            return new string(characters, 0, decoder.GetChars(bytes, 0, bytes.Length, characters, 0, flush: false));
        }
    }

    private ChatResponseUpdate Update(string id, AIContent content) => new(ChatRole.Assistant, [content])
    {
        ResponseId = id,
        MessageId = id,
        ModelId = _model.Name,
        CreatedAt = DateTimeOffset.UtcNow,
    };
}
