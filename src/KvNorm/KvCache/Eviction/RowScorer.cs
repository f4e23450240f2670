using System.Runtime.ExceptionServices;
using KvNorm.KvCache.Attention;
using KvNorm.KvCache.Scoring;
using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Eviction;

/// <summary>Scores the rows of every head, layers in parallel.</summary>
internal sealed class RowScorer
{
    private readonly EvictionRules _rules;
    private readonly KeyScorer _scorer;
    private readonly RowLedger _ledger;
    private readonly SpanMap _spans;
    private readonly ReceivedAttention? _attention; // null where queries are not read
    private readonly ParallelOptions _parallel;
    private readonly ScoringBuffers _buffers;
    private int _rareFrom; // the first token whose word counts

    /// <summary>Creates the scorer of a conversation's rows.</summary>
    /// <param name="rules">What holds for the cache.</param>
    /// <param name="scorer">The policy's scorer for this conversation.</param>
    /// <param name="ledger">Which token each row is.</param>
    /// <param name="spans">Which sentence each token stands in, and how rare its word is.</param>
    /// <param name="queries">The queries of the latest tokens; null where they are not read.</param>
    /// <param name="buffers">For scorers of this kind; null for its own.</param>
    public RowScorer(
        EvictionRules rules, KeyScorer scorer, RowLedger ledger, SpanMap spans, QueryLog? queries = null, ScoringBuffers? buffers = null)
    {
        _attention = queries is null ? null : new ReceivedAttention(queries);
        (_rules, _scorer, _ledger, _spans) = (rules, scorer, ledger, spans);
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(rules.Threads, ScoringBuffers.MaximumThreads) };
        _buffers = buffers ?? new ScoringBuffers(rules, scorer, LooksAtAttention);
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
            Parallel.For(
                0, layers, _parallel, _buffers.Take, (layer, _, buffer) => ScoreLayer(layer, state, length, buffer), _buffers.Return);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    /// <summary>The scores of a head's first rows, (count), valid until the next <see cref="Score"/> with the same buffers.</summary>
    public ReadOnlySpan<float> Scores(int head, int count) => _buffers.Scores.AsSpan(head * _rules.Cells, count);

    private bool LooksAtAttention => _scorer.AttentionWindow > 0 && _attention is not null;

    private ScoringBuffers.Head ScoreLayer(int layer, SequenceState? state, int length, ScoringBuffers.Head buffer)
    {
        int first = _rules.Geometry.FirstHead(layer);
        for (int head = first; head < first + _rules.Geometry.Layers[layer].Heads; head++)
        {
            if (_rules.Sets.IsScoring(head))
                ScoreHead(layer, head, state, length, buffer);
        }

        return buffer;
    }

    private void ScoreHead(int layer, int head, SequenceState? state, int length, ScoringBuffers.Head buffer)
    {
        LayerGeometry shape = _rules.Geometry.Layers[layer];
        int set = _rules.Sets.SetOf(head), count = _ledger.RowsBefore(set, length), number = head - _rules.Geometry.FirstHead(layer);
        Span<int> tokens = buffer.Tokens.AsSpan(0, count);
        Span<float> keys = _scorer.NeedsKeys || LooksAtAttention ? buffer.Keys.AsSpan(0, count * shape.KeyLength) : default;
        Span<float> values = _scorer.NeedsValues ? buffer.Values.AsSpan(0, count * shape.ValueLength) : default;
        _ledger.CopyTokens(set, tokens);
        if (!keys.IsEmpty)
            LoadRows(state!.Keys(layer), number, shape.Heads, shape.Key, keys);
        Span<float> attention = LooksAtAttention ? buffer.Attention.AsSpan(0, count) : default;
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
        Span<float> scores = _buffers.Scores.AsSpan(head * _rules.Cells, count);
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
}
