using KvNorm.Llama;

namespace KvNorm.KvCache;

/// <summary>Takes rows out of llama.cpp's cache and the ledger: one subclass per way of doing it.</summary>
internal abstract class Evictor(LlamaContext context, RowLedger ledger) : IDisposable
{
    protected LlamaContext Context { get; } = context;

    protected RowLedger Ledger { get; } = ledger;

    /// <summary>Gets the bytes of the state, kept between evictions.</summary>
    protected StateBuffer Buffer { get; } = new();

    /// <summary>Leaves <paramref name="keep"/> rows in every head. When it throws, the cache is in no known state and must be cleared.</summary>
    /// <param name="pinned">Tokens that stay.</param>
    /// <param name="keep">Rows to keep, fewer than there are.</param>
    public abstract EvictionTimings Evict(PinnedTokens pinned, int keep);

    public void Dispose() => Buffer.Dispose();

    /// <summary>Reads the cache's contents, in time order.</summary>
    protected SequenceState Snapshot()
    {
        Context.ReadState(Buffer);
        SequenceState state = SequenceState.Parse(Buffer);
        if (state.CellCount != Ledger.Rows)
            throw new InvalidOperationException($"llama.cpp holds {state.CellCount} cells where {Ledger.Rows} were expected.");
        state.SortByPosition();
        return state;
    }
}
