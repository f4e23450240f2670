namespace KvNorm.Evaluation.Models;

/// <summary>A sequence of tokens, of which a cache holds what fits: the calls that a task sees a model through.</summary>
internal abstract class EvaluationCache : IDisposable
{
    /// <summary>Gets the cells in use.</summary>
    public abstract int Cells { get; }

    /// <summary>Gets the fewest rows that an eviction can leave.</summary>
    public abstract int MinimumKeep { get; }

    /// <summary>Gets the tokens so far, held or not.</summary>
    public abstract int Tokens { get; }

    /// <summary>Gets the evictions so far.</summary>
    public abstract int Evictions { get; }

    /// <summary>Gets the milliseconds that they took.</summary>
    public abstract double EvictionMilliseconds { get; }

    /// <summary>Gets the logits after the last token, (vocabulary), valid until the cache changes.</summary>
    public abstract ReadOnlySpan<float> NextLogits { get; }

    /// <summary>Gets the milliseconds that recalls took.</summary>
    public abstract double RecallMilliseconds { get; }

    /// <summary>Another cache that holds the same.</summary>
    /// <param name="policy">Its policy; null for this one's.</param>
    public abstract EvaluationCache Fork(EvictionPolicy? policy = null);

    /// <summary>Takes what another cache holds, in place of what is held here: as <see cref="Fork"/>, in the same buffers.</summary>
    public abstract void CopyFrom(EvaluationCache other);

    /// <inheritdoc cref="KvCacheSession.PinPrefix"/>
    public abstract void PinPrefix(int tokens, int firstMessage = 0);

    /// <summary>Says that a message begins: what was said before can come back.</summary>
    public abstract void BeginMessage();

    /// <summary>Decodes tokens after the last one, with evictions where they are due.</summary>
    public abstract void Prefill(ReadOnlySpan<int> tokens, CancellationToken cancellationToken);

    /// <summary>Leaves so many rows in every head.</summary>
    public abstract void Evict(int keep);

    /// <summary>Brings back what a question asks for.</summary>
    /// <param name="question">The tokens of the question, which is prefilled next.</param>
    /// <returns>The tokens of which something came back.</returns>
    public abstract int Recall(ReadOnlySpan<int> question);

    /// <summary>
    /// The scores by which a policy would choose among the rows, for each (layer, head) pair (rows). One that looks at attention needs a
    /// cache of a policy that looks at as much.
    /// </summary>
    public abstract IReadOnlyList<float[]> Scores(EvictionPolicy policy);

    /// <summary>The natural logarithm of the probability of each token of a continuation; the cache stays as it is.</summary>
    public abstract IReadOnlyList<double> LogLikelihood(ReadOnlySpan<int> continuation, CancellationToken cancellationToken);

    /// <summary>Goes on greedily.</summary>
    public abstract GeneratedText Generate(int maximumTokens, CancellationToken cancellationToken);

    /// <summary>The share of the heads that hold each token so far, (tokens).</summary>
    public abstract IReadOnlyList<float> Held();

    public abstract void Dispose();
}
