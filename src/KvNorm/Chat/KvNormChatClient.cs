using System.Runtime.CompilerServices;
using System.Text;
using KvNorm.Chat;
using KvNorm.KvCache;
using KvNorm.Llama;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvNorm;

/// <summary>
/// A local chat model whose KV cache stays inside its budget, however long the conversation. Callers send the whole history with every call;
/// what the cache still holds of it is not read again. Safe for concurrent use: calls are answered one after another, in order.
/// A stream has its turn until it is read to its end or disposed, so do not call the client again from inside the loop over an answer.
/// </summary>
public sealed class KvNormChatClient : IChatClient
{
    private readonly KvNormChatOptions _options;
    private readonly LlamaModel _model;
    private readonly ILogger _logger;
    private readonly KvCacheManager _cache;
    private readonly ChatModel _chat;
    private readonly ChatClientMetadata _metadata;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _disposal = new();
    private int _disposed, _freed;

    private KvNormChatClient(KvNormChatOptions options, LlamaModel model, ILogger logger)
    {
        (_options, _model, _logger) = (options, model, logger);
        _metadata = new ChatClientMetadata("kvnorm", providerUri: null, model.Name);
        _chat = new ChatModel(model, options.ChatTemplate);
        _cache = new KvCacheManager(model, ModelProbe.Run(model, options.ThreadCount), options.KvCacheBudget, options.Policy, options.ThreadCount, logger);
    }

    /// <summary>Gets what the cache holds and what happened in it.</summary>
    public KvCacheStatistics Statistics => _cache.Statistics;

    internal LlamaModel Model => _model;

    internal KvCacheManager Cache => _cache;

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
    public static KvNormChatClient Create(KvNormChatOptions? options = null, ILoggerFactory? loggerFactory = null, IProgress<float>? progress = null, CancellationToken cancellationToken = default)
    {
        options = options?.Copy() ?? new KvNormChatOptions();
        options.Validate();
        ILogger logger = loggerFactory?.CreateLogger("KvNorm") ?? NullLogger.Instance;
        LlamaLibrary.EnsureLoaded(loggerFactory is null ? null : logger);
        LlamaModel model = LlamaModel.Load(options.ModelPath, options.GpuLayers, progress, cancellationToken);
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

    /// <summary><see cref="Create"/> on the thread pool.</summary>
    /// <inheritdoc cref="Create"/>
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
        return StreamAsync(ChatRequest.Create(messages, options, _options, this, _chat.Format), cancellationToken);
    }

    /// <summary>Every token of the current conversation and how much of it the cache still holds.</summary>
    public IReadOnlyList<TokenRetention> GetRetention()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        (int[] tokens, float[] held) = _cache.Retention();
        Decoder decoder = Encoding.UTF8.GetDecoder();
        return [.. tokens.Zip(held, (token, share) => new TokenRetention(Text(token), share))];

        string Text(int token)
        {
            byte[] bytes = _model.Vocabulary.PieceBytes(token, special: true);
            char[] characters = new char[bytes.Length + 1];
            return new string(characters, 0, decoder.GetChars(bytes, 0, bytes.Length, characters, 0, flush: false));
        }
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

    /// <summary>Stops the call in progress, which then throws <see cref="ObjectDisposedException"/>, and frees model and cache as soon as it has stopped.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _disposal.Cancel();
        if (_turn.Wait(0))
            Free();
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CallTelemetry telemetry = new(_model.Name, _logger, request, _options.RecordsMessageText);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
        await RunAsync(token => _turn.WaitAsync(token)).ConfigureAwait(false);
        try
        {
            telemetry.Begin();
            using Answer answer = new(_cache, _model.Vocabulary, _chat, request);
            await RunAsync(token => Task.Run(() => answer.Prefill(token), CancellationToken.None)).ConfigureAwait(false);
            string id = Guid.NewGuid().ToString("N");
            StringBuilder text = new();
            IReadOnlyList<AIContent> contents = [];
            Task NextAsync(CancellationToken token) => Task.Run(() => contents = answer.Next(token), CancellationToken.None); // Next looks at the token itself
            while (answer.FinishReason is null)
            {
                await RunAsync(NextAsync).ConfigureAwait(false);
                foreach (AIContent content in contents)
                {
                    if (_options.RecordsMessageText && content is TextContent part)
                        text.Append(part.Text);
                    yield return Update(id, content);
                }
            }

            AnswerAccount account = answer.Account();
            telemetry.Finish(account, answer.FinishReason, _cache.Statistics, text.ToString());
            ChatResponseUpdate last = Update(id, new UsageContent(account.Usage()));
            last.FinishReason = answer.FinishReason;
            last.AdditionalProperties = account.Times();
            yield return last;
        }
        finally
        {
            Release();
        }

        // Disposal cancels like a caller does, but is told apart.
        async Task RunAsync(Func<CancellationToken, Task> step)
        {
            try
            {
                await step(linked.Token).ConfigureAwait(false);
            }
            catch (Exception e)
            {
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

    // Whoever ends last after a disposal frees: the running call, or Dispose itself when there was none.
    private void Release()
    {
        _turn.Release();
        if (_disposed != 0 && _turn.Wait(0))
            Free();
    }

    private void Free()
    {
        if (Interlocked.Exchange(ref _freed, 1) != 0)
            return;
        _cache.Dispose();
        _model.Dispose();
    }
}
