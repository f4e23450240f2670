using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation;

/// <summary>A model as the tasks see it: text to tokens, and caches that hold some.</summary>
public abstract class EvaluationModel : IDisposable
{
    private protected EvaluationModel()
    {
    }

    /// <summary>Gets the name: that of the file.</summary>
    public abstract string Name { get; }

    /// <summary>Gets the tokens that the model was trained to take at once; 0 when unknown.</summary>
    public abstract int TrainedLength { get; }

    /// <summary>Gets what keys and values are stored as, such as "q8_0, f16".</summary>
    public virtual string CacheTypes => EvaluationRunFacts.DefaultCacheTypes;

    /// <summary>Gets the bytes of one cell of the cache.</summary>
    public abstract long BytesPerCell { get; }

    /// <summary>Loads the model of some options; budget and policy in them have no meaning here.</summary>
    /// <param name="options">The model, the types of its cache, GPU layers, archive and threads; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such model file.</exception>
    /// <exception cref="NotSupportedException">
    /// The rows of the model's cache cannot be chosen per head, so policies cannot be compared.
    /// </exception>
    public static EvaluationModel Load(KvNormChatOptions? options = null) => ClientModel.Load(options ?? new KvNormChatOptions());

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gets the layers that graphics cards are given at most; null for as many as fit.</summary>
    internal virtual int? GpuLayers => null;

    /// <summary>Gets the bytes for what was evicted.</summary>
    internal virtual long? ArchiveBytes => null;

    /// <summary>Gets the CPU threads that compute.</summary>
    internal virtual int Threads => KvNormRuntimeFacts.Get().DefaultThreads;

    /// <summary>The tokens of some text; what looks like a special token in it stays text.</summary>
    internal abstract IReadOnlyList<int> Tokenize(string text);

    /// <summary>The special token that is written in some way; null when the model has none.</summary>
    internal abstract int? FindSpecialToken(string text);

    /// <summary>The text of a token; empty for a special one.</summary>
    internal abstract string TextOf(int token);

    /// <summary>An empty cache.</summary>
    /// <param name="cells">Cells that may be in use.</param>
    /// <param name="policy">What stays when they are.</param>
    internal abstract EvaluationCache Create(int cells, EvictionPolicy policy);

    private protected virtual void Dispose(bool disposing)
    {
    }
}
