using System.Collections.Concurrent;
using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Eviction;

/// <summary>
/// What scoring needs, made once for a full cache. The slots of one pool share it: one of them evicts at a time, and has chosen its rows
/// before another scores.
/// </summary>
internal sealed class ScoringBuffers
{
    /// <summary>Layers that are scored at a time: each thread keeps one head's rows as f32; more would gain little and hold much.</summary>
    public const int MaximumThreads = 4;

    private readonly int _cells;
    private readonly (int Keys, int Values, int Attention) _kept;
    private readonly ConcurrentBag<Head> _heads = []; // one per thread that ever scored at a time

    /// <summary>Makes them for scorers of one kind.</summary>
    /// <param name="rules">What holds for the cache.</param>
    /// <param name="scorer">One of the scorers.</param>
    /// <param name="looksAtAttention">Whether the queries are read that it looks at.</param>
    public ScoringBuffers(EvictionRules rules, KeyScorer scorer, bool looksAtAttention)
    {
        (_cells, _kept) = (rules.Cells, Kept(rules.Geometry.Layers, scorer, looksAtAttention));
        Scores = new float[rules.Geometry.HeadCount * rules.Cells];
    }

    /// <summary>Gets the scores, (heads, cells), row-major.</summary>
    public float[] Scores { get; }

    /// <summary>The maximum of bytes that they take.</summary>
    /// <inheritdoc cref="ScoringBuffers(EvictionRules, KeyScorer, bool)"/>
    public static long MaximumBytes(EvictionRules rules, KeyScorer scorer)
    {
        IReadOnlyList<LayerGeometry> layers = rules.Geometry.Layers;
        long threads = Math.Min(Math.Min(rules.Threads, MaximumThreads), layers.Count);
        (int keys, int values, int attention) = Kept(layers, scorer, scorer.AttentionWindow > 0);
        long numbers = keys + values + attention + 1; // of a row: also its token
        return rules.Cells * sizeof(float) * (rules.Geometry.HeadCount + (threads * numbers));
    }

    /// <summary>Takes what a thread needs, until it is returned.</summary>
    public Head Take() => _heads.TryTake(out Head? known)
        ? known
        : new Head(_cells * _kept.Keys, _cells * _kept.Values, _cells * _kept.Attention, _cells);

    /// <summary>Gives it back.</summary>
    public void Return(Head head) => _heads.Add(head);

    // The numbers of a row that are at hand while a head is scored.
    private static (int Keys, int Values, int Attention) Kept(
        IReadOnlyList<LayerGeometry> layers, KeyScorer scorer, bool looksAtAttention) => (
        scorer.NeedsKeys || looksAtAttention ? layers.Max(static layer => layer.KeyLength) : 0,
        scorer.NeedsValues ? layers.Max(static layer => layer.ValueLength) : 0,
        looksAtAttention ? 1 : 0);

    /// <summary>
    /// One head's rows while it is scored: keys (rows, keyLength), values (rows, valueLength), attention and tokens (rows).
    /// </summary>
    public sealed class Head(int keys, int values, int attention, int rows)
    {
        public float[] Keys { get; } = new float[keys];

        public float[] Values { get; } = new float[values];

        public float[] Attention { get; } = new float[attention];

        public int[] Tokens { get; } = new int[rows];
    }
}
