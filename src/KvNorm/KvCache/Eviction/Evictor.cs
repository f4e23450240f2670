using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Eviction;

/// <summary>Takes rows out of llama.cpp's cache and the ledger: one subclass per way of doing it.</summary>
internal abstract class Evictor(LlamaSequence sequence, RowLedger ledger, StateBuffer buffer)
{
    protected LlamaSequence Sequence { get; } = sequence;

    protected RowLedger Ledger { get; } = ledger;

    /// <summary>Gets the bytes of the state, kept between evictions and shared by all sequences of a context.</summary>
    protected StateBuffer Buffer { get; } = buffer;

    /// <summary>
    /// Leaves <paramref name="keep"/> rows in every head. When it throws, the cache is in no known state and must be cleared.
    /// </summary>
    /// <param name="pinned">Tokens that stay.</param>
    /// <param name="keep">Rows to keep, fewer than there are.</param>
    public abstract EvictionTimings Evict(PinnedTokens pinned, int keep);

    /// <summary>
    /// Takes the tokens from <paramref name="length"/> on out of every head, and cuts all heads to as many rows as the one with the fewest
    /// has.
    /// When it throws, the cache must be cleared.
    /// </summary>
    /// <param name="pinned">Tokens that stay.</param>
    /// <param name="length">Tokens that the conversation has afterwards, inside of what was evicted; see <see cref="ResumePoint"/>.</param>
    public abstract void Cut(PinnedTokens pinned, int length);

    /// <summary>
    /// Copies the cache's contents out, in time order, but for what was read again; valid until the next eviction of any sequence of the
    /// context.
    /// </summary>
    public SequenceState Snapshot()
    {
        Sequence.ReadState(Buffer);
        SequenceState state = SequenceState.Parse(Buffer);
        if (state.CellCount != Ledger.Cells)
            throw new InvalidOperationException($"llama.cpp holds {state.CellCount} cells where {Ledger.Cells} were expected.");
        state.SortByPosition();
        if (Ledger.Positions.ReadAgain > 0)
            state.Remove(Ledger.RowsBefore(Ledger.Positions.Before), Ledger.Positions.ReadAgain);
        return state;
    }
}
