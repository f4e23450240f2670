using System.Buffers;
using System.Collections.Concurrent;
using System.Numerics.Tensors;
using KvNorm.KvCache.Scoring;
using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Eviction;

/// <summary>Scores the rows of every head by a policy and chooses the ones to keep. Its buffers are made once, for the largest eviction.</summary>
internal sealed class RowChooser
{
    private const int MostThreads = 4; // each keeps one head's rows as f32; more would gain little and hold much

    private readonly EvictionPolicy _policy;
    private readonly KeyScorer _scorer;
    private readonly CacheGeometry? _geometry;
    private readonly IReadOnlyList<RopeRotation?>? _rotations;
    private readonly RowLedger _ledger;
    private readonly SpanMap _spans;
    private readonly ParallelOptions _parallel;
    private readonly float[] _scores; // (heads, rows), row-major
    private readonly int[] _kept;     // (ledger heads, rows kept), row-major
    private readonly ConcurrentBag<Scratch> _scratch = []; // one per thread that ever scored at a time
    private readonly CacheCapacity _capacity;
    private int _length; // tokens of the conversation that rows are chosen among

    /// <summary>Creates a chooser.</summary>
    /// <param name="policy">What matters.</param>
    /// <param name="scorer">The policy's scorer for this conversation.</param>
    /// <param name="geometry">The cache's shape; null when keys cannot be read, for scorers that need none.</param>
    /// <param name="rotations">What takes RoPE off, per layer; null when it cannot be taken off.</param>
    /// <param name="ledger">Which token each row is.</param>
    /// <param name="spans">Which sentence each token stands in.</param>
    /// <param name="capacity">The largest eviction.</param>
    /// <param name="threads">Layers scored at a time.</param>
    public RowChooser(EvictionPolicy policy, KeyScorer scorer, CacheGeometry? geometry, IReadOnlyList<RopeRotation?>? rotations, RowLedger ledger, SpanMap spans, CacheCapacity capacity, int threads)
    {
        (_policy, _scorer, _geometry, _rotations, _ledger, _spans, _capacity) = (policy, scorer, geometry, rotations, ledger, spans, capacity);
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(threads, MostThreads) };
        _scores = new float[HeadCount * capacity.Cells];
        _kept = new int[ledger.HeadCount * capacity.Low];
    }

    /// <summary>Whether the cache's contents must be given to <see cref="Choose"/>.</summary>
    public bool NeedsState => _scorer.NeedsKeys || _scorer.NeedsValues;

    private int HeadCount => _geometry?.HeadCount ?? 1;

    private int Rows => _ledger.Rows;

    /// <summary>Chooses the rows that stay.</summary>
    /// <param name="state">The cache's contents in time order; may be null unless <see cref="NeedsState"/>.</param>
    /// <param name="pinned">Tokens that stay whatever their score.</param>
    /// <param name="keep">Rows to keep in every head.</param>
    /// <param name="length">Rows of tokens from this one on take no part: they are neither scored, learnt from nor chosen.</param>
    /// <returns>Row numbers, ascending, the first (ledger heads, keep) of the array, row-major; valid until the next call.</returns>
    public int[] Choose(SequenceState? state, PinnedTokens pinned, int keep, int length)
    {
        _length = length;
        int layers = _geometry?.Layers.Count ?? 1;
        Parallel.For(0, layers, _parallel, TakeScratch, (layer, _, scratch) => ScoreLayer(layer, state, scratch), _scratch.Add);
        ShareScores();
        Parallel.For(0, _ledger.HeadCount, _parallel, head => Select(head, pinned, keep));
        return _kept;
    }

    private Scratch TakeScratch() => _scratch.TryTake(out Scratch? known) ? known : new Scratch(
        _scorer.NeedsKeys ? _capacity.Cells * _geometry!.Layers.Max(layer => layer.KeyLength) : 0,
        _scorer.NeedsValues ? _capacity.Cells * _geometry!.Layers.Max(layer => layer.ValueLength) : 0,
        _capacity.Cells);

    private Scratch ScoreLayer(int layer, SequenceState? state, Scratch scratch)
    {
        LayerGeometry shape = _geometry?.Layers[layer] ?? new LayerGeometry(1, 0, 0);
        for (int i = 0; i < shape.Heads; i++)
        {
            int head = (_geometry?.FirstHead(layer) ?? 0) + i;
            int count = CountOf(head);
            Span<int> tokenOfRow = scratch.Tokens.AsSpan(0, count);
            Span<float> keys = _scorer.NeedsKeys ? scratch.Keys.AsSpan(0, count * shape.KeyLength) : default;
            Span<float> values = _scorer.NeedsValues ? scratch.Values.AsSpan(0, count * shape.ValueLength) : default;
            _ledger.CopyTokens(LedgerHead(head), tokenOfRow);
            if (_scorer.NeedsKeys)
                LoadKeys(state!.Keys(layer), i, shape, _rotations?[layer], keys);
            if (_scorer.NeedsValues)
                LoadRows(state!.Values(layer), i * shape.ValueLength, shape.ValueRow, shape.ValueLength, values);
            HeadRows rows = new()
            {
                Head = head,
                Count = count,
                FirstNew = Math.Min(_ledger.PackedRows, count),
                KeyLength = shape.KeyLength,
                ValueLength = shape.ValueLength,
                Keys = keys,
                Values = values,
                Tokens = tokenOfRow,
            };
            Span<float> scores = Scores(head);
            _scorer.Score(rows, scores);
            for (int row = 0; row < count; row++)
                tokenOfRow[row] = _spans[tokenOfRow[row]];
            SpanSmoother.Smooth(_policy.Spans, scores, tokenOfRow);
        }

        return scratch;
    }

    // Keys of one head as f32 with RoPE off: to (rows, keyLength) from (rows, keyRow).
    private void LoadKeys(ReadOnlySpan<Half> source, int head, LayerGeometry shape, RopeRotation? rotation, Span<float> keys)
    {
        LoadRows(source, head * shape.KeyLength, shape.KeyRow, shape.KeyLength, keys);
        if (rotation is null)
            return;
        for (int row = 0; row * shape.KeyLength < keys.Length; row++)
            rotation.Rotate(keys.Slice(row * shape.KeyLength, shape.KeyLength), -_ledger.RotatedBy(0, row));
    }

    private static void LoadRows(ReadOnlySpan<Half> source, int start, int stride, int length, Span<float> rows)
    {
        for (int row = 0; row * length < rows.Length; row++)
            TensorPrimitives.ConvertToSingle(source.Slice((row * stride) + start, length), rows.Slice(row * length, length));
    }

    // Where rows are shared, every head of the group gets the mean of the group's scores, each standardised so that no head outweighs another.
    private void ShareScores()
    {
        if (_ledger.HeadCount == 1 || _policy.Granularity == EvictionGranularity.All)
        {
            int[] heads = [.. Enumerable.Range(0, HeadCount).Where(head => !IsSkipped(head))];
            Share(heads);
            if (_ledger.HeadCount == 1)
                ScoreOneSet(heads);
        }
        else if (_policy.Granularity == EvictionGranularity.Layer)
            Parallel.For(0, _geometry!.Layers.Count, _parallel, layer => Share([.. Enumerable.Range(_geometry.FirstHead(layer), _geometry.Layers[layer].Heads)]));
    }

    // One set of rows is chosen by the scores of head 0, whether its layer takes part or not; where none takes part, the most recent rows stay.
    private void ScoreOneSet(int[] heads)
    {
        Span<float> scores = Scores(0);
        for (int row = 0; row < scores.Length; row++)
            scores[row] = heads.Length > 0 ? Scores(heads[0])[row] : row;
    }

    // Heads that share hold the same tokens, so a row is the same token in all of them.
    private void Share(int[] heads)
    {
        if (heads.Length < 2)
            return;
        int count = CountOf(heads[0]);
        float[] rented = ArrayPool<float>.Shared.Rent(count);
        Span<float> sum = rented.AsSpan(0, count);
        sum.Clear();
        foreach (int head in heads)
        {
            Span<float> scores = Scores(head);
            RunningMoments moments = default;
            moments.Add(scores);
            for (int row = 0; row < count; row++)
                sum[row] += moments.Standardise(scores[row]);
        }

        foreach (int head in heads)
            sum.CopyTo(Scores(head));
        ArrayPool<float>.Shared.Return(rented);
    }

    private void Select(int head, PinnedTokens pinned, int keep)
    {
        Span<float> scores = Scores(head);
        bool skipped = _ledger.HeadCount > 1 && IsSkipped(head);
        int recent = _policy.RecentRows(keep);
        for (int row = 0; row < scores.Length; row++)
        {
            if (row >= scores.Length - recent || pinned.Contains(_ledger.TokenAt(head, row)))
                scores[row] = RowSelector.Pinned;
            else if (skipped)
                scores[row] = row;
        }

        RowSelector.SelectTop(scores, _kept.AsSpan(head * keep, keep));
    }

    private bool IsSkipped(int head) => _geometry is not null && _policy.SkippedLayers.Count > 0 && _policy.SkippedLayers.Contains(_geometry.LayerOf(head));

    private int LedgerHead(int head) => _ledger.HeadCount == 1 ? 0 : head;

    private int CountOf(int head) => _ledger.RowsBefore(LedgerHead(head), _length);

    private Span<float> Scores(int head) => _scores.AsSpan(head * Rows, CountOf(head));

    /// <summary>One head's rows while it is scored: keys (rows, keyLength), values (rows, valueLength) and tokens (rows). Kept between evictions.</summary>
    private sealed class Scratch(int keys, int values, int rows)
    {
        public float[] Keys { get; } = new float[keys];

        public float[] Values { get; } = new float[values];

        public int[] Tokens { get; } = new int[rows];
    }
}
