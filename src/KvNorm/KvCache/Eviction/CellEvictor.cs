using System.Diagnostics;
using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Eviction;

/// <summary>
/// Evicts whole cells by llama_memory_seq_rm, one set for all layers and heads, with positions kept: for caches whose state cannot be
/// rewritten.
/// Keys are still scored where they can be read. The freed cells leave holes, which llama.cpp fills from the lowest on.
/// </summary>
internal sealed class CellEvictor(LlamaSequence sequence, StateBuffer buffer, RowLedger ledger, RowChooser chooser)
    : Evictor(sequence, ledger, buffer)
{
    public override EvictionTimings Evict(PinnedTokens pinned, int keep)
    {
        long start = Stopwatch.GetTimestamp();
        SequenceState? state = chooser.NeedsState ? Snapshot() : null;
        long read = Stopwatch.GetTimestamp();
        int[] kept = chooser.Choose(state, pinned, keep, Ledger.LogicalLength);
        long chosen = Stopwatch.GetTimestamp();
        RemoveAllBut(kept.AsSpan(0, keep));
        Ledger.Pack(kept, keep, Ledger.LogicalLength);
        return new EvictionTimings(
            Stopwatch.GetElapsedTime(start, read).TotalMilliseconds,
            Stopwatch.GetElapsedTime(read, chosen).TotalMilliseconds,
            0,
            Stopwatch.GetElapsedTime(chosen).TotalMilliseconds);
    }

    public override void Cut(PinnedTokens pinned, int length)
    {
        Sequence.Remove(Ledger.Positions.Of(length), Ledger.NextPosition);
        int[] kept = [.. Enumerable.Range(0, Ledger.RowsBefore(length))];
        Ledger.Pack(kept, kept.Length, length);
    }

    // The last row is always kept (it is in the recent window), so the highest position stays and the next token follows it.
    private void RemoveAllBut(ReadOnlySpan<int> kept)
    {
        int next = 0;
        foreach (int row in kept)
        {
            Remove(next, row);
            next = row + 1;
        }

        if (next < Ledger.Rows)
            throw new InvalidOperationException("An eviction must keep the last row.");
    }

    // The rows [from, to). What was read again stays, also where it stands among them.
    private void Remove(int from, int to)
    {
        int readAgain = Ledger.Positions.ReadAgain > 0 ? Ledger.RowsBefore(Ledger.Positions.Before) : 0; // the row that it stands before
        if (readAgain > from && readAgain < to)
        {
            Remove(from, readAgain);
            Remove(readAgain, to);
        }
        else if (to > from)
        {
            Sequence.Remove(Ledger.CellPosition(from), Ledger.CellPosition(to - 1) + 1);
        }
    }
}
