using System.Diagnostics;
using System.Numerics.Tensors;
using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Eviction;

/// <summary>
/// Evicts per layer and head through the sequence's state: get -> score -> choose -> gather -> set. The state is rewritten in place in one
/// buffer that is
/// kept between evictions; afterwards the kept rows are the cells 0 to m - 1.
/// </summary>
internal sealed class RowEvictor(LlamaSequence sequence, StateBuffer buffer, EvictionRules rules, RowLedger ledger, RowChooser chooser)
    : Evictor(sequence, ledger, buffer)
{
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = rules.Threads };
    private int[] _positions = [];

    public override EvictionTimings Evict(PinnedTokens pinned, int keep) => Rewrite(pinned, keep, Ledger.LogicalLength);

    public override void Cut(PinnedTokens pinned, int length) => Rewrite(pinned, Ledger.RowsBefore(length), length);

    private EvictionTimings Rewrite(PinnedTokens pinned, int keep, int length)
    {
        long start = Stopwatch.GetTimestamp();
        SequenceState state = Snapshot();
        long read = Stopwatch.GetTimestamp();

        int[] kept = chooser.Choose(state, pinned, keep, length);
        long chosen = Stopwatch.GetTimestamp();

        Parallel.For(0, state.LayerCount, _parallel, layer => Gather(state, layer, kept, keep));
        Ledger.Pack(kept, keep, length);
        Array.Resize(ref _positions, keep);
        for (int row = 0; row < keep; row++)
            _positions[row] = Ledger.CellPosition(row);
        state.Truncate(_positions);
        long gathered = Stopwatch.GetTimestamp();

        Sequence.WriteState(Buffer);
        return new EvictionTimings(
            Stopwatch.GetElapsedTime(start, read).TotalMilliseconds,
            Stopwatch.GetElapsedTime(read, chosen).TotalMilliseconds,
            Stopwatch.GetElapsedTime(chosen, gathered).TotalMilliseconds,
            Stopwatch.GetElapsedTime(gathered).TotalMilliseconds);
    }

    // Kept rows ascend, so a row never moves back: no row is overwritten before it has moved.
    private void Gather(SequenceState state, int layer, int[] kept, int keep)
    {
        LayerGeometry shape = rules.Geometry.Layers[layer];
        RopeRotation? rotation = rules.Rotations?[layer];
        Span<Half> keys = state.Keys(layer), values = state.Values(layer);
        Span<float> key = stackalloc float[shape.KeyLength];
        for (int i = 0; i < shape.Heads; i++)
        {
            ReadOnlySpan<int> rows = kept.AsSpan(rules.Sets.SetOf(rules.Geometry.FirstHead(layer) + i) * keep, keep);
            for (int row = 0; row < keep; row++)
            {
                if (rows[row] == row)
                    continue;
                Span<Half> from = Row(keys, rows[row], i, shape.KeyRow, shape.KeyLength);
                Span<Half> to = Row(keys, row, i, shape.KeyRow, shape.KeyLength);
                MoveKey(from, to, rotation, row - rows[row], key);
                Row(values, rows[row], i, shape.ValueRow, shape.ValueLength).CopyTo(Row(values, row, i, shape.ValueRow, shape.ValueLength));
            }
        }
    }

    private static void MoveKey(ReadOnlySpan<Half> from, Span<Half> to, RopeRotation? rotation, int positions, Span<float> key)
    {
        if (rotation is null)
        {
            from.CopyTo(to);
            return;
        }

        TensorPrimitives.ConvertToSingle(from, key);
        rotation.Rotate(key, positions);
        TensorPrimitives.ConvertToHalf(key, to);
    }

    private static Span<Half> Row(Span<Half> rows, int row, int head, int stride, int length) =>
        rows.Slice((row * stride) + (head * length), length);
}
