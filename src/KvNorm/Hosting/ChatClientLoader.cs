using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KvNorm.Hosting;

/// <summary>Makes a container's client, once. A load that failed is tried again when the client is next asked for.</summary>
/// <param name="options">The options of all names.</param>
/// <param name="name">The name of this client's.</param>
/// <param name="loggerFactory">The container's; null for none.</param>
/// <param name="embeddings">The container's generator of embeddings, asked for where one is wanted; null for none.</param>
internal sealed class ChatClientLoader(
    IOptionsMonitor<KvNormChatOptions> options,
    string name,
    ILoggerFactory? loggerFactory,
    Func<IEmbeddingGenerator<string, Embedding<float>>?>? embeddings = null) : IDisposable
{
    private readonly Lock _gate = new(); // held while loading: who asks meanwhile waits for the same client
    private readonly CancellationTokenSource _disposal = new();
    private volatile LoadState _state = LoadState.NotLoaded;

    /// <summary>Gets how far it has come. Never waits.</summary>
    public LoadState State => _state;

    /// <summary>Gets the client's options.</summary>
    /// <exception cref="OptionsValidationException">They contradict themselves.</exception>
    public KvNormChatOptions Options => options.Get(name);

    /// <summary>Gets where this library logs.</summary>
    public ILogger Logger { get; } = loggerFactory?.CreateLogger("KvNorm") ?? NullLogger.Instance;

    /// <summary>The client, loaded now unless it was before. Blocks for as long as that takes.</summary>
    /// <inheritdoc cref="KvNormChatClient.Create(KvNormChatOptions?, ILoggerFactory?, IProgress{float}?, CancellationToken)"/>
    public KvNormChatClient Load(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposal.IsCancellationRequested, this);
            if (_state.Client is { } loaded)
                return loaded;
            using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
            try
            {
                _state = LoadState.Loading;
                KvNormChatClient client = KvNormChatClient.Create(WithEmbeddings(Options), loggerFactory, cancellationToken: linked.Token);
                _state = new LoadState(client);
                return client;
            }
            catch (Exception e)
            {
                _state = e is OperationCanceledException ? LoadState.NotLoaded : new LoadState(Failure: e);
                throw;
            }
        }
    }

    private KvNormChatOptions WithEmbeddings(KvNormChatOptions own)
    {
        if (!own.Recall || !own.UseRegisteredEmbeddings || own.EmbeddingGenerator is not null)
            return own;
        own = own.Copy();
        own.EmbeddingGenerator = embeddings?.Invoke();
        return own;
    }

    public void Dispose()
    {
        _disposal.Cancel(); // ends a load, which holds the gate
        lock (_gate)
            _state.Client?.Dispose();
    }
}
