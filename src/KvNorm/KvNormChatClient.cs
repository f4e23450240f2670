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
/// A local chat model whose KV cache stays inside its budget, however long the conversation. Callers send the whole history with every call;
/// what the cache still holds of it is not read again. Safe for concurrent use: as many calls as there are slots are answered at a time, the others wait in order.
/// A stream that is not read is not written on, unless others are read beside it; disposing of it ends its answer.
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
    private readonly ConversationStore _conversations;
    private readonly CancellationTokenSource _disposal = new();
    private int _disposed;

    private KvNormChatClient(KvNormChatOptions options, LlamaModel model, ILogger logger)
    {
        (_options, _model, _logger) = (options, model, logger);
        options.ModelName = model.Name;
        _metadata = new ChatClientMetadata("kvnorm", providerUri: null, model.Name);
        _chat = new ChatModel(model, options.ChatTemplate);
        ModelProbe probe = ModelProbe.Run(model, options.ThreadCount);
        _cache = new SlotPool(model, probe, options.KvCacheBudget, options.Policy, options.ThreadCount, logger, options.Slots, options.ParkedBytes);
        _scheduler = new AnswerScheduler(_cache);
        _conversations = new ConversationStore(_cache, _scheduler, _chat);
    }

    /// <summary>Gets what the cache holds and what happened in it.</summary>
    public KvCacheStatistics Statistics => _cache.Statistics;

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
        KvNormChatOptions? options = null, ILoggerFactory? loggerFactory = null, IProgress<float>? progress = null, CancellationToken cancellationToken = default) =>
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
    public static Task<KvNormChatClient> CreateAsync(KvNormChatOptions? options = null, ILoggerFactory? loggerFactory = null, IProgress<float>? progress = null, CancellationToken cancellationToken = default)
    {
        options = options?.Copy();
        return Task.Run(() => Create(options, loggerFactory, progress, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The options or messages ask for what this client does not do; or the conversation reached the trained length of a model whose positions cannot be renumbered.</exception>
    /// <exception cref="KvCacheBudgetException">The system prompt does not fit into the budget.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled; the next one works.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return string.IsNullOrEmpty(options?.ConversationId)
            ? StreamAsync(ChatRequest.Create(messages, options, _options, this, _chat.Format), null, cancellationToken)
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

    /// <summary>Saves a conversation that callers named by ChatOptions.ConversationId: its messages and what the cache holds of it. Waits for a call that is answering it.</summary>
    /// <param name="conversationId">Its name.</param>
    /// <param name="destination">Where to; need not seek.</param>
    /// <param name="cancellationToken">Stops the save; what was written by then is no conversation.</param>
    /// <exception cref="ArgumentException">There is no such conversation.</exception>
    public Task SaveConversationAsync(string conversationId, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _conversations.SaveAsync(conversationId, destination, cancellationToken);
    }

    /// <summary>Saves a conversation to a file, which only the user may read. It is put in place when it is complete; until then a file that is there stays as it is.</summary>
    /// <param name="conversationId">Its name.</param>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <exception cref="ArgumentException">There is no such conversation.</exception>
    public Task SaveConversationAsync(string conversationId, string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return AtomicFile.WriteAsync(path, file => _conversations.SaveAsync(conversationId, file, cancellationToken));
    }

    /// <summary>Loads a saved conversation. What the cache held of it is held again, where it fits, and is not read again. Nothing changes before the whole file is checked.</summary>
    /// <param name="conversationId">A name to go on under, by ChatOptions.ConversationId; a conversation of that name is replaced.</param>
    /// <param name="source">Where from; need not seek.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <returns>The messages so far.</returns>
    /// <exception cref="ConversationFileException">It is no saved conversation, damaged, of another model, or newer.</exception>
    public Task<IReadOnlyList<ChatMessage>> LoadConversationAsync(string conversationId, Stream source, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        ArgumentNullException.ThrowIfNull(source);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _conversations.LoadAsync(conversationId, source, cancellationToken);
    }

    /// <summary>Loads a saved conversation from a file.</summary>
    /// <inheritdoc cref="LoadConversationAsync(string, Stream, CancellationToken)"/>
    public async Task<IReadOnlyList<ChatMessage>> LoadConversationAsync(string conversationId, string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, useAsync: true);
        await using (file.ConfigureAwait(false))
            return await LoadConversationAsync(conversationId, file, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets a conversation that callers named by ChatOptions.ConversationId. Until then its messages are kept.</summary>
    /// <param name="conversationId">Its name.</param>
    /// <returns>Whether there was one.</returns>
    public bool RemoveConversation(string conversationId) => _conversations.Remove(conversationId);

    /// <summary>Every token of the conversation that got a slot last, and how much of it the cache still holds.</summary>
    public IReadOnlyList<TokenRetention> GetRetention()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        (int[] tokens, float[] held) = _cache.Latest.Retention();
        return TokenRetention.Of(_model.Vocabulary, tokens, held);
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
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Stops the calls in progress, which then throw <see cref="ObjectDisposedException"/>, waits until the running decode has ended, and frees model and cache.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _disposal.Cancel();
        _scheduler.Dispose();
        _cache.Dispose();
        _model.Dispose();
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

    // What was said stays with the client; a call that fails or is broken off leaves it as it was.
    private async IAsyncEnumerable<ChatResponseUpdate> ContinueAsync(string id, IEnumerable<ChatMessage> messages, ChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        StoredConversation conversation = _conversations.GetOrAdd(id);
        await conversation.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ChatMessage[] all = [.. conversation.Messages, .. messages];
            List<ChatResponseUpdate> updates = [];
            await foreach (ChatResponseUpdate update in StreamAsync(ChatRequest.Create(all, options, _options, this, _chat.Format), conversation, cancellationToken).ConfigureAwait(false))
            {
                update.ConversationId = id;
                updates.Add(update);
                if (update.FinishReason is not null)
                    conversation.Messages = [.. all, .. updates.ToChatResponse().Messages];
                yield return update;
            }
        }
        finally
        {
            conversation.Turn.Release();
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(ChatRequest request, StoredConversation? conversation, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CallTelemetry telemetry = new(_model.Name, _logger, request, _options.RecordsMessageText);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
        Answer answer = new(_model.Vocabulary, _chat, request, linked.Token);
        _scheduler.Add(answer);
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

            if (conversation is not null)
                conversation.Tokens = answer.Tokens;
            telemetry.Begin(answer.Queued);
            telemetry.Finish(answer.Account!, answer.FinishReason, _cache.Statistics, text.ToString());
            ChatResponseUpdate last = Update(id, new UsageContent(answer.Account!.Usage()));
            last.FinishReason = answer.FinishReason;
            last.AdditionalProperties = answer.Account.Times();
            yield return last;
        }
        finally
        {
            await linked.CancelAsync().ConfigureAwait(false);
            _scheduler.Leave(answer);
        }

        // Disposal cancels like a caller does, but is told apart.
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // one for each piece of an answer
        async ValueTask<AIContent?> NextAsync()
        {
            try
            {
                linked.Token.ThrowIfCancellationRequested(); // there may be more to show, which nobody wants
                if (answer.Contents.TryRead(out AIContent? content))
                    return content;
                _scheduler.Want(answer);
                return await answer.Contents.WaitToReadAsync(linked.Token).ConfigureAwait(false) && answer.Contents.TryRead(out content) ? content : null;
            }
            catch (Exception e)
            {
                telemetry.Begin(answer.Queued);
                telemetry.Fail(e);
                if (e is OperationCanceledException && _disposed != 0)
                    throw new ObjectDisposedException(nameof(KvNormChatClient), "The client was disposed during the call.");
                if (e is OperationCanceledException && cancellationToken.IsCancellationRequested)
                    throw new OperationCanceledException(cancellationToken);
                throw;
            }
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
