using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.KvCache.State;

namespace KvNorm.Tests.KvCache.Eviction;

/// <summary>Choosing rows of a random cache that llama.cpp never saw: two layers of two heads, keys without RoPE.</summary>
internal sealed class ChooserRig : IDisposable
{
    public const int Layers = 2, Heads = 2, KeyLength = 6, ValueLength = 4;

    private static readonly CacheGeometry Geometry = new([.. Enumerable.Repeat(new LayerGeometry(Heads, KeyLength, ValueLength), Layers)]);

    private readonly StateBuffer _buffer;
    private readonly SequenceState _state;
    private readonly RowChooser _chooser;

    public ChooserRig(EvictionPolicy policy, int rows, int seed, bool wholeCells = false)
    {
        Random random = new(seed);
        Half[] Elements(int row) => [.. Enumerable.Range(0, row * rows).Select(_ => (Half)((random.NextDouble() * 4) - 1.5))];
        _buffer = StateBlob.Buffer(new StateBlob
        {
            Positions = [.. Enumerable.Range(0, rows)],
            Rows = [.. Enumerable.Repeat((Heads * KeyLength, Heads * ValueLength), Layers)],
            Keys = [.. Enumerable.Range(0, Layers).Select(_ => Elements(Heads * KeyLength))],
            Values = [.. Enumerable.Range(0, Layers).Select(_ => Elements(Heads * ValueLength))],
        }.ToBytes());
        _state = SequenceState.Parse(_buffer);
        Sets = wholeCells ? RowSets.OfWholeCells(Geometry, policy) : RowSets.ByGranularity(Geometry, policy);
        Ledger = new RowLedger(Sets, renumbered: true);
        Ledger.Append(rows);
        Spans = new SpanMap(static token =>
            (token % 7 == 0 ? TokenPiece.EndsSpan : TokenPiece.None) | (token % 5 == 0 ? TokenPiece.Punctuation : TokenPiece.Word));
        Spans.Append([.. Enumerable.Range(0, rows).Select(static row => row % 20)]);
        EvictionRules rules = new(policy, Geometry, Sets, Rotations: null, rows, Threads: 2);
        Scorer = new RowScorer(rules, policy.CreateScorer(Geometry.HeadCount), Ledger, Spans);
        _chooser = new RowChooser(rules, Scorer, Ledger, Spans);
    }

    public RowSets Sets { get; }

    public RowLedger Ledger { get; }

    public SpanMap Spans { get; }

    public RowScorer Scorer { get; }

    /// <summary>Chooses, and gives the kept rows of each set.</summary>
    public int[][] Choose(PinnedTokens pinned, int keep)
    {
        int[] kept = _chooser.Choose(_state, pinned, keep, Ledger.LogicalLength);
        return [.. Enumerable.Range(0, Sets.Count).Select(set => kept[(set * keep)..((set + 1) * keep)])];
    }

    public void Score() => Scorer.Score(_state, Ledger.LogicalLength, rareFrom: 0);

    /// <summary>The rows of a head as a scorer sees them.</summary>
    public float[] ScoreAlone(KeyScorer scorer, int head)
    {
        (int layer, int number, int rows) = (head / Heads, head % Heads, Ledger.Rows);
        float[] scores = new float[rows];
        HeadRows seen = new()
        {
            Layer = layer,
            Head = head,
            Count = rows,
            FirstNew = 0,
            KeyLength = KeyLength,
            ValueLength = ValueLength,
            Keys = Part(StateBlob.Halves(_state.Keys(layer)), number, KeyLength),
            Values = Part(StateBlob.Halves(_state.Values(layer)), number, ValueLength),
            Tokens = Enumerable.Range(0, rows).ToArray(),
        };
        scorer.Score(seen, scores);
        return scores;
    }

    public void Dispose() => _buffer.Dispose();

    private static float[] Part(Span<Half> rows, int head, int length)
    {
        Half[] all = rows.ToArray();
        return [.. all.Chunk(Heads * length).SelectMany(row => row.Skip(head * length).Take(length)).Select(static half => (float)half)];
    }
}
