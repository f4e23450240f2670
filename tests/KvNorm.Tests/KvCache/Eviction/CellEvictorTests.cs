using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class CellEvictorTests : IDisposable
{
    private const int Cells = 256, Decoded = 60;

    private readonly LlamaModel _model = TinyModel.Load();
    private readonly LlamaContext _context;
    private readonly StateBuffer _buffer = new();

    public CellEvictorTests() => _context = new LlamaContext(_model, new LlamaContextSettings(Cells, 64, 1));

    [Theory]
    [InlineData("keynorm")]
    [InlineData("recency")] // which needs no state
    [InlineData("random")]
    public void Evict_AnyPolicy_LlamaHoldsTheCellsOfTheLedger(string policy)
    {
        (CellEvictor evictor, RowLedger ledger) = Create(EvictionPolicy.Named(policy));
        EvictionTimings timings = evictor.Evict(new PinnedTokens(4, 30, 33), 25);
        Assert.Equal((25, Decoded, 60), (ledger.Rows, ledger.LogicalLength, ledger.NextPosition));
        Assert.Subset(Positions().ToHashSet(), new HashSet<int>([0, 1, 2, 3, 30, 31, 32, 59]));
        Assert.Equal(Enumerable.Range(0, 25).Select(ledger.CellPosition), Positions());
        Assert.Equal(0, timings.Gather);
    }

    [Fact]
    public void Evict_Twice_GoesOnWithTheHoles()
    {
        (CellEvictor evictor, RowLedger ledger) = Create(EvictionPolicy.Named("keynorm"));
        evictor.Evict(default, 25);
        Decode(ledger, 20);
        evictor.Evict(default, 25);
        Assert.Equal((25, 80), (ledger.Rows, ledger.LogicalLength));
        Assert.Equal(Enumerable.Range(0, 25).Select(ledger.CellPosition), Positions());
    }

    [Fact]
    public void Cut_InsideTheEvictedPart_RemovesTheCellsAfterIt()
    {
        (CellEvictor evictor, RowLedger ledger) = Create(EvictionPolicy.Named("random"));
        evictor.Evict(default, 30);
        int last = ledger.TokenAt(0, 15);
        evictor.Cut(default, last + 1);
        Assert.Equal((16, last + 1), (ledger.Rows, ledger.LogicalLength));
        Assert.Equal(Enumerable.Range(0, 16).Select(ledger.CellPosition), Positions());
    }

    [Fact]
    public void Evict_LlamaHoldsOtherCells_Throws()
    {
        (CellEvictor evictor, _) = Create(EvictionPolicy.Named("keynorm"));
        _context.Sequences[0].Remove(3, 5);
        Assert.Throws<InvalidOperationException>(() => evictor.Evict(default, 25));
    }

    public void Dispose()
    {
        _buffer.Dispose();
        _context.Dispose();
        _model.Dispose();
    }

    private (CellEvictor Evictor, RowLedger Ledger) Create(EvictionPolicy policy)
    {
        CacheGeometry geometry = ModelProbe.Run(_model, 1).Geometry!;
        RowSets sets = RowSets.OfWholeCells(geometry, policy);
        RowLedger ledger = new(sets, renumbered: false);
        SpanMap spans = new(static _ => TokenPiece.Word);
        spans.Append(new int[Cells]);
        EvictionRules rules = new(policy, geometry, sets, Rotations: null, Cells, Threads: 1);
        RowChooser chooser = new(rules, new RowScorer(rules, policy.CreateScorer(geometry.HeadCount), ledger, spans), ledger, spans);
        Decode(ledger, Decoded);
        return (new CellEvictor(_context.Sequences[0], _buffer, ledger, chooser), ledger);
    }

    private void Decode(RowLedger ledger, int count)
    {
        int[] tokens = [.. Enumerable.Range(ledger.LogicalLength, count).Select(EvictionRig.TokenAt)];
        _context.Sequences[0].Decode(tokens, ledger.NextPosition, logits: false);
        ledger.Append(count);
    }

    private int[] Positions()
    {
        _context.Sequences[0].ReadState(_buffer);
        SequenceState state = SequenceState.Parse(_buffer);
        return [.. Enumerable.Range(0, state.CellCount).Select(state.Position).Order()];
    }
}
