using System.Diagnostics;
using KvNorm.Llama;

namespace KvNorm.KvCache;

/// <summary>
/// Evicts whole cells by llama_memory_seq_rm, one set for all layers and heads, with positions kept: for caches whose state cannot be rewritten.
/// Keys are still scored where they can be read. The freed cells leave holes, which llama.cpp fills from the lowest on.
/// </summary>
internal sealed class CellEvictor(LlamaContext context, RowLedger ledger, RowChooser chooser) : Evictor
{
    private readonly StateBuffer _buffer = new();

    public override EvictionTimings Evict(PinnedTokens pinned, int keep)
    {
        long start = Stopwatch.GetTimestamp();
        SequenceState? state = null;
        if (chooser.NeedsState)
        {
            context.ReadState(_buffer);
            state = SequenceState.Parse(_buffer);
            if (state.CellCount != ledger.Rows)
                throw new InvalidOperationException($"llama.cpp holds {state.CellCount} cells where {ledger.Rows} were expected.");
            state.SortByPosition();
        }

        long read = Stopwatch.GetTimestamp();
        int[] kept = chooser.Choose(state, pinned, keep);
        long chosen = Stopwatch.GetTimestamp();
        RemoveAllBut(kept.AsSpan(0, keep));
        ledger.Pack(kept, keep);
        return new EvictionTimings(
            Stopwatch.GetElapsedTime(start, read).TotalMilliseconds,
            Stopwatch.GetElapsedTime(read, chosen).TotalMilliseconds,
            0,
            Stopwatch.GetElapsedTime(chosen).TotalMilliseconds);
    }

    public override void Dispose() => _buffer.Dispose();

    // The last row is always kept (it is in the recent window or the latest of equals), so the highest position stays and the next token follows it.
    private void RemoveAllBut(ReadOnlySpan<int> kept)
    {
        int next = 0;
        foreach (int row in kept)
        {
            if (row > next)
                context.Remove(ledger.RotatedBy(0, next), ledger.RotatedBy(0, row - 1) + 1);
            next = row + 1;
        }

        if (next < ledger.Rows)
            throw new InvalidOperationException("An eviction must keep the last row.");
    }
}
