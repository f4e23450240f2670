using KvNorm.Chat;
using KvNorm.Chat.Conversations;
using KvNorm.Chat.Replies;
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
/// A local chat model whose KV cache stays inside its budget, however long the conversation. Callers send the whole history with every
/// request; what the cache still holds of it is not prefilled again. Safe for concurrent use: as many requests as there are slots are
/// answered at a time, the others wait in order. A stream that is not read is not written on, unless others are read beside it; disposing
/// of it ends its answer.
/// </summary>
public sealed class KvNormChatClient : IChatClient
{
    private readonly KvNormChatOptions _options;
    private readonly LlamaModel _model;
    private readonly ILogger _logger;
    private readonly SlotPool _cache;
    private readonly ChatClientMetadata _metadata;
    private readonly AnswerScheduler _scheduler;
    private readonly ResponseStreams _responses;
    private readonly ConversationStore _store;
    private readonly NamedConversations _conversations;
    private readonly ClientLifetime _lifetime;

    private KvNormChatClient(KvNormChatOptions options, LlamaModel model, ILogger logger)
    {
        (_options, _model, _logger, _lifetime) = (options, model, logger, new ClientLifetime(() => _scheduler!.Dispose(), Free));
        options.ModelName = model.Name;
        _metadata = new ChatClientMetadata("kvnorm", providerUri: null, model.Name);
        ChatModel chat = new(model, options.ChatTemplate, logger);
        ModelProbe probe = ModelProbe.Run(model, options.ThreadCount, options.CacheTypes);
        _cache = new SlotPool(
            model, probe, options.KvCacheBudget, options.Policy, options.ThreadCount, logger, options.Slots, options.ParkedBytes,
            options.Archive, options.CreateEmbedder(logger), unified: options.UnifiedCache);
        _scheduler = new AnswerScheduler(_cache, TimeProvider.System);
        _store = new ConversationStore(
            options.MaximumConversations, options.ConversationIdleTime, options.ConversationTimeout, TimeProvider.System);
        _conversations = new NamedConversations(
            _store,
            _cache,
            _scheduler,
            _lifetime,
            options.SaveArchive ? options.Archive.Bytes : 0,
            options.Archive.Bytes,
            tokens => _lifetime.Use(() => chat.Remember(tokens)));
        _responses = new ResponseStreams(this, options, chat, _cache, _scheduler, _store, _lifetime, logger);
        ModelFacts = KvNormModelFacts.Of(model, _cache.Plan.Probe);
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
    /// <exception cref="ArgumentException">An option has a value that it cannot have.</exception>
    /// <exception cref="InvalidOperationException">The marks of the budget are no shares in order.</exception>
    /// <exception cref="FileNotFoundException">There is no such model file.</exception>
    /// <exception cref="IOException">The file cannot be read, or was changed while it was loaded.</exception>
    /// <exception cref="InvalidDataException">The file is not a GGUF file, or says what no model can have.</exception>
    /// <exception cref="NotSupportedException">
    /// The model is no chat model this client can serve, or its heads are no whole blocks of the cache's types.
    /// </exception>
    /// <exception cref="KvCacheBudgetException">The budget is too small for any conversation with this model.</exception>
    /// <exception cref="ChatTemplateException">The chat template cannot be read.</exception>
    /// <exception cref="LlamaException">llama.cpp is of another release, or refused the model.</exception>
    /// <exception cref="DllNotFoundException">llama.cpp's libraries are missing or do not run here.</exception>
    /// <exception cref="OperationCanceledException">The load was stopped.</exception>
    public static KvNormChatClient Create(
        KvNormChatOptions? options = null,
        ILoggerFactory? loggerFactory = null,
        IProgress<float>? progress = null,
        CancellationToken cancellationToken = default) =>
        Create(
            options,
            loggerFactory,
            own => LlamaModel.Load(own.ModelPath, own.Placement, progress, cancellationToken));

    /// <summary>
    /// Makes a client over weights that the application has loaded through LLamaSharp. Several clients may share them, and there is one
    /// copy in memory. The application goes on owning them: the client does not dispose of them. Where the application disposes of them
    /// first, their memory stays until the last client over them is disposed of, and the clients go on answering.
    /// </summary>
    /// <param name="weights">The weights.</param>
    /// <param name="options">The budget and the policy; what says where weights go has no effect. Null for the defaults.</param>
    /// <param name="loggerFactory">Receives this library's and llama.cpp's log.</param>
    /// <exception cref="ArgumentException">An option has a value that it cannot have.</exception>
    /// <exception cref="InvalidOperationException">The marks of the budget are no shares in order.</exception>
    /// <exception cref="NotSupportedException">
    /// The model is no chat model this client can serve, or its heads are no whole blocks of the cache's types.
    /// </exception>
    /// <exception cref="KvCacheBudgetException">The budget is too small for any conversation with this model.</exception>
    /// <exception cref="ChatTemplateException">The chat template cannot be read.</exception>
    /// <exception cref="LlamaException">LLamaSharp is of another release than this library was written for.</exception>
    public static KvNormChatClient Create(LLamaWeights weights, KvNormChatOptions? options = null, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return Create(options, loggerFactory, own => LlamaModel.Share(weights, own.GivenModelPath));
    }

    /// <summary>
    /// <see cref="Create(KvNormChatOptions?, ILoggerFactory?, IProgress{float}?, CancellationToken)"/> on the thread pool.
    /// </summary>
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
    /// <remarks>
    /// Where the last message is the assistant's and holds no call, the answer goes on with it: the prompt ends with its text, and the
    /// response is only what is new. A template that writes more than marks behind that text is a <see cref="ChatTemplateException"/>.
    /// </remarks>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        AdditionalPropertiesDictionary? figures = null;
        List<ChatResponseUpdate> updates = [];
        IAsyncEnumerable<ChatResponseUpdate> stream = GetStreamingResponseAsync(messages, options, cancellationToken);
        await foreach (ChatResponseUpdate update in stream.ConfigureAwait(false))
        {
            figures = update.AdditionalProperties?.Clone();
            updates.Add(update);
        }

        ChatResponse response = UnopenedThought.ToResponse(updates);
        response.AdditionalProperties = figures;
        return response;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The options or messages contradict themselves, or a value is none of its option.</exception>
    /// <exception cref="NotSupportedException">The options or messages ask for what this client does not do.</exception>
    /// <exception cref="KvCacheBudgetException">The system prompt does not fit into the budget.</exception>
    /// <exception cref="ChatTemplateException">The model's template refuses the conversation.</exception>
    /// <exception cref="InvalidOperationException">
    /// As many conversations as may be kept by name (<see cref="KvNormChatOptions.MaximumConversations"/>) are all in use.
    /// </exception>
    /// <exception cref="TimeoutException">
    /// The conversation was in use for longer than <see cref="KvNormChatOptions.ConversationTimeout"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The request was cancelled; the next one works.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed of, before the request or during it.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        _lifetime.Require();
        return string.IsNullOrEmpty(options?.ConversationId)
            ? _responses.StreamAsync(ChatRequest.Create(messages, options, _options, this), null, cancellationToken)
            : _responses.ContinueAsync(options.ConversationId, messages, options, cancellationToken);
    }

    /// <summary>
    /// Makes a session over this client's model, with a cache of its own, for evaluations and experiments. Dispose of it before the client.
    /// </summary>
    /// <param name="budget">How large its cache may become; null for the client's budget.</param>
    /// <param name="policy">What stays in it; null for the client's policy.</param>
    /// <exception cref="KvCacheBudgetException">The budget is too small for any text.</exception>
    public KvCacheSession CreateSession(KvCacheBudget? budget = null, EvictionPolicy? policy = null)
    {
        return _lifetime.Use(() => KvCacheSession.Over(
            KvCacheSessionModel.Of(_model, _cache.Plan.Probe, _options, _logger),
            budget ?? _options.KvCacheBudget,
            policy ?? _options.Policy));
    }

    /// <summary>
    /// What the client takes, by place and purpose, beside what the runtime of .NET does. What llama.cpp takes is what its log says, so
    /// weights that the application has loaded are not among it.
    /// </summary>
    public IReadOnlyList<KvNormMemory> GetMemory()
    {
        _lifetime.Require();
        return KvNormMemory.Of(_model, _cache, _options);
    }

    /// <summary>
    /// The conversations held: those with a name (ChatOptions.ConversationId), the last used first, then those without in slots and host
    /// memory.
    /// </summary>
    public IReadOnlyList<KvNormConversation> GetConversations()
    {
        _lifetime.Require();
        return _conversations.All;
    }

    /// <summary>A conversation.</summary>
    /// <param name="conversationId">Its name, or the id that the client made (<see cref="KvNormUsage.ConversationId"/>).</param>
    /// <returns>Null when there is none of that name.</returns>
    public KvNormConversation? GetConversation(string conversationId)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        _lifetime.Require();
        return _conversations.Find(conversationId);
    }

    /// <summary>
    /// Saves a conversation that callers named by ChatOptions.ConversationId: its messages and what the cache holds of it. Waits for a
    /// request that uses it.
    /// </summary>
    /// <param name="conversationId">Its name.</param>
    /// <param name="destination">Where to; need not seek.</param>
    /// <param name="cancellationToken">Stops the save; what was written by then is no conversation.</param>
    /// <exception cref="ArgumentException">There is no such conversation.</exception>
    /// <exception cref="ConversationFileException">It is too long to be loaded again.</exception>
    /// <exception cref="TimeoutException">It was in use for longer than <see cref="KvNormChatOptions.ConversationTimeout"/>.</exception>
    public Task SaveConversationAsync(string conversationId, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _lifetime.Require();
        return _conversations.SaveAsync(conversationId, destination, cancellationToken);
    }

    /// <summary>
    /// Saves a conversation to a file, which only the user may read. It is put in place when it is complete; until then a file that is
    /// there stays as it is.
    /// </summary>
    /// <param name="conversationId">Its name.</param>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <exception cref="ArgumentException">There is no such conversation.</exception>
    /// <exception cref="ConversationFileException">It is too long to be loaded again.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written: its folder is missing or may not be written to, the disk is full, or the path names no file.
    /// </exception>
    /// <exception cref="TimeoutException">It was in use for longer than <see cref="KvNormChatOptions.ConversationTimeout"/>.</exception>
    public Task SaveConversationAsync(string conversationId, string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _lifetime.Require();
        return AtomicFile.WriteAsync(path, file => _conversations.SaveAsync(conversationId, file, cancellationToken));
    }

    /// <summary>
    /// Loads a saved conversation. What the cache held of it is held again, where it fits, and not prefilled again. Nothing changes before
    /// the whole file is checked.
    /// </summary>
    /// <param name="conversationId">A name to go on under, by ChatOptions.ConversationId; a conversation of that name is replaced.</param>
    /// <param name="source">Where from; need not seek.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <returns>The messages so far.</returns>
    /// <exception cref="ConversationFileException">It is no saved conversation, damaged, of another model, or newer.</exception>
    /// <exception cref="InvalidOperationException">
    /// As many conversations as may be kept by name (<see cref="KvNormChatOptions.MaximumConversations"/>) are all in use.
    /// </exception>
    /// <exception cref="TimeoutException">
    /// A conversation of that name was in use for longer than <see cref="KvNormChatOptions.ConversationTimeout"/>.
    /// </exception>
    public Task<IReadOnlyList<ChatMessage>> LoadConversationAsync(
        string conversationId, Stream source, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        ArgumentNullException.ThrowIfNull(source);
        _lifetime.Require();
        return _conversations.LoadAsync(conversationId, source, cancellationToken);
    }

    /// <summary>Loads a saved conversation from a file.</summary>
    /// <param name="conversationId">A name to go on under, by ChatOptions.ConversationId; a conversation of that name is replaced.</param>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read, such as where its folder is missing.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
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
    /// Forgets a conversation. Until then the messages of one that callers named by ChatOptions.ConversationId are kept, within the bounds
    /// of <see cref="KvNormChatOptions.MaximumConversations"/> and <see cref="KvNormChatOptions.ConversationIdleTime"/>. What the cache
    /// holds of it cannot be looked at any more, and stays until its place is needed: a request that begins in the same way goes on with it.
    /// </summary>
    /// <param name="conversationId">Its name, or the id that the client made.</param>
    /// <returns>Whether there was one.</returns>
    public bool RemoveConversation(string conversationId)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        return _conversations.Remove(conversationId);
    }

    /// <summary>Every token of the conversation that got a slot last, and how much of it the cache still holds.</summary>
    public IReadOnlyList<TokenRetention> GetRetention() => _lifetime.Use(() => Describe(_cache.Latest.Retention()));

    /// <summary>Every token of a conversation, and how much of it the cache still holds.</summary>
    /// <param name="conversationId">Its name, or the id that the client made.</param>
    /// <exception cref="ArgumentException">There is no such conversation.</exception>
    public IReadOnlyList<TokenRetention> GetRetention(string conversationId)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        return _lifetime.Use(() => Describe(_conversations.Retention(conversationId)));
    }

    /// <summary>
    /// Evictions and recalls of a conversation, in order, the last 256: each is there as soon as it is done, whatever becomes of the
    /// answer. Those of a conversation that is not kept by name are there while a slot or host memory holds it.
    /// </summary>
    /// <param name="conversationId">Its name, or the id that the client made.</param>
    /// <exception cref="ArgumentException">There is no such conversation.</exception>
    public IReadOnlyList<KvCacheEvent> GetEvents(string conversationId)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        _lifetime.Require();
        return _conversations.Events(conversationId);
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
    /// Stops the requests in progress, which then throw <see cref="ObjectDisposedException"/>, waits until the running decode has ended,
    /// and frees model and cache.
    /// </summary>
    public void Dispose() => _lifetime.Dispose();

    private static KvNormChatClient Create(
        KvNormChatOptions? options, ILoggerFactory? loggerFactory, Func<KvNormChatOptions, LlamaModel> load)
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

    private void Free()
    {
        _cache.Dispose();
        _model.Dispose();
    }

    private IReadOnlyList<TokenRetention> Describe(HeldTokens held) => TokenRetention.Of(_model.Vocabulary, held);
}
