using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using KvNorm.KvCache.Attention;
using KvNorm.KvCache.Scoring;
using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Eviction;

/// <summary>Scores the rows of every head, layers in parallel. Its buffers are made once, for a full cache.</summary>
internal sealed class RowScorer
{
    private const int MaximumThreads = 4; // each keeps one head's rows as f32; more would gain little and hold much

    private readonly EvictionRules _rules;
    private readonly KeyScorer _scorer;
    private readonly RowLedger _ledger;
    private readonly SpanMap _spans;
    private readonly ReceivedAttention? _attention; // null where queries are not read
    private readonly ParallelOptions _parallel;
    private readonly float[] _scores; // (heads, cells), row-major
    private readonly ConcurrentBag<Scratch> _scratch = []; // one per thread that ever scored at a time
    private int _rareFrom; // the first token whose word counts

    /// <summary>Creates the scorer of a conversation's rows.</summary>
    /// <param name="rules">What holds for the cache.</param>
    /// <param name="scorer">The policy's scorer for this conversation.</param>
    /// <param name="ledger">Which token each row is.</param>
    /// <param name="spans">Which sentence each token stands in, and how rare its word is.</param>
    /// <param name="queries">The queries of the latest tokens; null where they are not read.</param>
    public RowScorer(EvictionRules rules, KeyScorer scorer, RowLedger ledger, SpanMap spans, QueryLog? queries = null)
    {
        _attention = queries is null ? null : new ReceivedAttention(queries);
        (_rules, _scorer, _ledger, _spans) = (rules, scorer, ledger, spans);
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(rules.Threads, MaximumThreads) };
        _scores = new float[rules.Geometry.HeadCount * rules.Cells];
    }

    /// <summary>The maximum of bytes that scoring keeps between evictions.</summary>
    /// <param name="rules">What holds for the cache.</param>
    /// <param name="scorer">The policy's scorer.</param>
    public static long MaximumBytes(EvictionRules rules, KeyScorer scorer)
    {
        IReadOnlyList<LayerGeometry> layers = rules.Geometry.Layers;
        long threads = Math.Min(Math.Min(rules.Threads, MaximumThreads), layers.Count);
        (int keys, int values, int attention) = Kept(layers, scorer, scorer.AttentionWindow > 0);
        long numbers = keys + values + attention + 1; // of a row: also its token
        return rules.Cells * sizeof(float) * (rules.Geometry.HeadCount + (threads * numbers));
    }

    /// <summary>Gets whether the cache's contents must be given to <see cref="Score"/>.</summary>
    public bool NeedsState => _scorer.ReadsCache;

    /// <summary>Scores every row of the heads whose scores count.</summary>
    /// <param name="state">The cache's contents in time order; may be null unless <see cref="NeedsState"/>.</param>
    /// <param name="length">Rows of tokens from this one on take no part: they are neither scored nor learnt from.</param>
    /// <param name="rareFrom">The first token that counts by how rare its word is, too.</param>
    /// <exception cref="Exception">What the scorer throws, as it is.</exception>
    public void Score(SequenceState? state, int length, int rareFrom)
    {
        _rareFrom = _rules.Policy.RarityWeight > 0 ? rareFrom : length;
        if (_rareFrom < length)
            _spans.Words.Count(length);
        try
        {
            int layers = _rules.Geometry.Layers.Count;
            Parallel.For(0, layers, _parallel, TakeScratch, (layer, _, scratch) => ScoreLayer(layer, state, length, scratch), _scratch.Add);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    /// <summary>The scores of a head's first rows, (count), valid until the next <see cref="Score"/>.</summary>
    public ReadOnlySpan<float> Scores(int head, int count) => _scores.AsSpan(head * _rules.Cells, count);

    private bool LooksAtAttention => _scorer.AttentionWindow > 0 && _attention is not null;

    private Scratch TakeScratch()
    {
        if (_scratch.TryTake(out Scratch? known))
            return known;
        (int keys, int values, int attention) = Kept(_rules.Geometry.Layers, _scorer, LooksAtAttention);
        return new Scratch(_rules.Cells * keys, _rules.Cells * values, _rules.Cells * attention, _rules.Cells);
    }

    // The numbers of a row that are at hand while a head is scored.
    private static (int Keys, int Values, int Attention) Kept(
        IReadOnlyList<LayerGeometry> layers, KeyScorer scorer, bool looksAtAttention) => (
        scorer.NeedsKeys || looksAtAttention ? layers.Max(static layer => layer.KeyLength) : 0,
        scorer.NeedsValues ? layers.Max(static layer => layer.ValueLength) : 0,
        looksAtAttention ? 1 : 0);

    private Scratch ScoreLayer(int layer, SequenceState? state, int length, Scratch scratch)
    {
        int first = _rules.Geometry.FirstHead(layer);
        for (int head = first; head < first + _rules.Geometry.Layers[layer].Heads; head++)
        {
            if (_rules.Sets.IsScoring(head))
                ScoreHead(layer, head, state, length, scratch);
        }

        return scratch;
    }

    private void ScoreHead(int layer, int head, SequenceState? state, int length, Scratch scratch)
    {
        LayerGeometry shape = _rules.Geometry.Layers[layer];
        int set = _rules.Sets.SetOf(head), count = _ledger.RowsBefore(set, length), number = head - _rules.Geometry.FirstHead(layer);
        Span<int> tokens = scratch.Tokens.AsSpan(0, count);
        Span<float> keys = _scorer.NeedsKeys || LooksAtAttention ? scratch.Keys.AsSpan(0, count * shape.KeyLength) : default;
        Span<float> values = _scorer.NeedsValues ? scratch.Values.AsSpan(0, count * shape.ValueLength) : default;
        _ledger.CopyTokens(set, tokens);
        if (!keys.IsEmpty)
            LoadRows(state!.Keys(layer), number, shape.Heads, shape.Key, keys);
        Span<float> attention = LooksAtAttention ? scratch.Attention.AsSpan(0, count) : default;
        int asked = LooksAtAttention
            ? _attention!.Sum(layer, number, shape, tokens, _scorer.AttentionWindow, keys, attention)
            : 0;
        if (_scorer.NeedsKeys)
            TurnBack(_rules.Rotations?[layer], shape.KeyLength, keys);
        if (_scorer.NeedsValues)
            LoadRows(state!.Values(layer), number, shape.Heads, shape.Value, values);
        HeadRows rows = new()
        {
            Layer = layer,
            Head = head,
            Count = count,
            FirstNew = Math.Min(_ledger.PackedRows, count),
            KeyLength = shape.KeyLength,
            ValueLength = shape.ValueLength,
            Keys = _scorer.NeedsKeys ? keys : default,
            Values = values,
            Attention = attention,
            AttentionTokens = asked,
            Tokens = tokens,
        };
        Span<float> scores = _scores.AsSpan(head * _rules.Cells, count);
        scores.Fill(float.NaN); // a score that is not written counts as the lowest, not as one of an earlier eviction
        _scorer.Score(rows, scores);
        if (_rareFrom < length)
            AddRarity(tokens, scores);
        FiniteScores.Ensure(scores);
        Smooth(tokens, scores);
    }

    // What the scorer puts above or below all others, and what it has not scored, stays there.
    private void AddRarity(ReadOnlySpan<int> tokens, Span<float> scores)
    {
        RunningMoments moments = default;
        for (int start = 0, end; start < scores.Length; start = end + 1)
        {
            end = start;
            while (end < scores.Length && float.IsFinite(scores[end]))
                end++;
            moments.Add(scores[start..end]);
        }

        double weight = _rules.Policy.RarityWeight * _spans.Words.Weight * (moments.Deviation > 0 ? moments.Deviation : 1);
        for (int row = 0; row < scores.Length; row++)
        {
            if (tokens[row] >= _rareFrom && float.IsFinite(scores[row]))
                scores[row] = (float)Math.Clamp(scores[row] + (weight * _spans.Words[tokens[row]]), float.MinValue, float.MaxValue);
        }
    }

    // From here on the tokens are no longer needed: their spans take their place.
    private void Smooth(Span<int> tokens, Span<float> scores)
    {
        int chunk = _rules.Policy.Spans.ChunkLength;
        for (int row = 0; row < tokens.Length; row++)
            tokens[row] = chunk > 0 ? tokens[row] / chunk : _spans[tokens[row]];
        SpanSmoother.Smooth(_rules.Policy.Spans, scores, tokens);
    }

    // Takes RoPE off the keys of a head, (rows, keyLength): those that can be turned are turned by their row's number.
    private static void TurnBack(RopeRotation? rotation, int keyLength, Span<float> keys)
    {
        for (int row = 0; rotation is not null && row * keyLength < keys.Length; row++)
            rotation.Rotate(keys.Slice(row * keyLength, keyLength), -row);
    }

    private static void LoadRows(ReadOnlySpan<byte> source, int head, int heads, HeadFormat format, Span<float> rows)
    {
        int bytes = format.Bytes;
        for (int row = 0; row * format.Length < rows.Length; row++)
            format.Read(source.Slice(((row * heads) + head) * bytes, bytes), rows.Slice(row * format.Length, format.Length));
    }

    /// <summary>
    /// One head's rows while it is scored: keys (rows, keyLength), values (rows, valueLength), attention and tokens (rows). Kept between
    /// evictions.
    /// </summary>
    private sealed class Scratch(int keys, int values, int attention, int rows)
    {
        public float[] Keys { get; } = new float[keys];

        public float[] Values { get; } = new float[values];

        public float[] Attention { get; } = new float[attention];

        public int[] Tokens { get; } = new int[rows];
    }
}
