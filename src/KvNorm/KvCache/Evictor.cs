namespace KvNorm.KvCache;

/// <summary>Takes rows out of llama.cpp's cache and the ledger: one subclass per way of doing it.</summary>
internal abstract class Evictor : IDisposable
{
    /// <summary>Leaves <paramref name="keep"/> rows in every head. When it throws, the cache is in no known state and must be cleared.</summary>
    /// <param name="pinned">Tokens that stay.</param>
    /// <param name="keep">Rows to keep, fewer than there are.</param>
    public abstract EvictionTimings Evict(PinnedTokens pinned, int keep);

    public abstract void Dispose();
}
