using System.Diagnostics;
using KvNorm.KvCache.Archive;
using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Eviction;

/// <summary>
/// Evicts per layer and head through the sequence's state: get -> score -> choose -> gather -> set. The state is rewritten in place in one
/// buffer that is
/// kept between evictions; afterwards the kept rows are the cells 0 to m - 1. A recall goes the same way, with rows of the archive among
/// them.
/// </summary>
/// <param name="sequence">Where the cells are.</param>
/// <param name="buffer">For the state.</param>
/// <param name="rules">What holds for every eviction.</param>
/// <param name="ledger">Which token each row is.</param>
/// <param name="chooser">Chooses the rows that stay.</param>
/// <param name="archive">Gets the rows that every head holds before any gives them up; null for none.</param>
internal sealed class RowEvictor(
    LlamaSequence sequence, StateBuffer buffer, EvictionRules rules, RowLedger ledger, RowChooser chooser, RowArchive? archive = null)
    : Evictor(sequence, ledger, buffer)
{
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = rules.Threads };
    private int[] _positions = [];

    public override EvictionTimings Evict(PinnedTokens pinned, int keep) => Rewrite(pinned, keep, Ledger.LogicalLength);

    public override void Cut(PinnedTokens pinned, int length) => Rewrite(pinned, Ledger.RowsBefore(length), length);

    /// <summary>
    /// Brings archived rows back, those of pinned tokens into every head that lacks them and others where there is room, and leaves
    /// <paramref name="keep"/> rows in every head. When it throws, the cache must be cleared.
    /// </summary>
    /// <param name="pinned">Tokens that stay, those of the rows among them.</param>
    /// <param name="keep">Rows to keep: at most as many more than there are as every head lacks of the pinned archived ones.</param>
    /// <param name="rows">The archived rows.</param>
    public EvictionTimings Recall(PinnedTokens pinned, int keep, ArchivedRows rows) => Rewrite(pinned, keep, Ledger.LogicalLength, rows);

    private EvictionTimings Rewrite(PinnedTokens pinned, int keep, int length, ArchivedRows? recalled = null)
    {
        long start = Stopwatch.GetTimestamp();
        if (keep > Ledger.Rows)
            Buffer.Reserve(Sequence.StateSize() + SequenceState.BytesOf(rules.Geometry, keep - Ledger.Rows));
        SequenceState state = Snapshot();
        long read = Stopwatch.GetTimestamp();

        if (length == Ledger.LogicalLength) // else what is not archived yet goes with the cut
            archive?.Append(state, Ledger.PackedRows, Ledger.PackedLength);
        long archived = Stopwatch.GetTimestamp();
        if (pinned.Distractors is { } distractors) // what there was no room for in the archive stays
            pinned = pinned with { Distractors = [.. distractors.Where(span => archive?.Start <= span.Start)] };

        int[] kept = chooser.Choose(state, pinned, keep, length, recalled?.Tokens);
        long chosen = Stopwatch.GetTimestamp();

        int next = Ledger.NextPosition;
        state.Extend(keep);
        Parallel.For(0, state.LayerCount, _parallel, layer => Gather(state, layer, kept, keep, recalled));
        Ledger.Pack(kept, keep, length, recalled?.Tokens);
        Array.Resize(ref _positions, keep);
        for (int row = 0; row < keep; row++)
            _positions[row] = Ledger.CellPosition(row);
        state.Truncate(_positions);
        rules.Window?.Move(SequenceState.ParseSecond(Buffer, state), Ledger.NextPosition - next, _parallel);
        long gathered = Stopwatch.GetTimestamp();

        Sequence.WriteState(Buffer);
        return new EvictionTimings(
            Stopwatch.GetElapsedTime(start, read).TotalMilliseconds,
            Stopwatch.GetElapsedTime(archived, chosen).TotalMilliseconds,
            Stopwatch.GetElapsedTime(chosen, gathered).TotalMilliseconds,
            Stopwatch.GetElapsedTime(gathered).TotalMilliseconds)
        {
            Archive = Stopwatch.GetElapsedTime(read, archived).TotalMilliseconds,
        };
    }

    // Rows that move to the front go first, from the front on; then those that move back to make room for what comes, from the end on; then
    // what comes. Kept rows ascend, so none is overwritten before it has moved.
    private void Gather(SequenceState state, int layer, int[] kept, int keep, ArchivedRows? recalled)
    {
        LayerGeometry shape = rules.Geometry.Layers[layer];
        Span<float> scratch = stackalloc float[shape.KeyLength];
        for (int head = 0; head < shape.Heads; head++)
        {
            ReadOnlySpan<int> rows = kept.AsSpan(rules.Sets.SetOf(rules.Geometry.FirstHead(layer) + head) * keep, keep);
            HeadCells cells = new(state.Keys(layer), state.Values(layer), shape, head, rules.Rotations?[layer], scratch);
            for (int row = 0; row < keep; row++)
            {
                if (rows[row] > row)
                    cells.Move(rows[row], row);
            }

            if (recalled is not null)
                Bring(cells, layer, rows, recalled);
        }
    }

    private static void Bring(HeadCells cells, int layer, ReadOnlySpan<int> rows, ArchivedRows recalled)
    {
        for (int row = rows.Length - 1; row >= 0; row--)
        {
            if (rows[row] >= 0 && rows[row] < row)
                cells.Move(rows[row], row);
        }

        for (int row = 0; row < rows.Length; row++)
        {
            if (rows[row] < 0)
                cells.Bring(recalled, ~rows[row], layer, row);
        }
    }
}
