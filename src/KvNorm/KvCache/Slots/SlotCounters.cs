namespace KvNorm.KvCache.Slots;

/// <summary>What happened in a slot since it was made.</summary>
internal sealed class SlotCounters
{
    private long _tokensSeen, _evictedRows;
    private int _evictions;
    private double _evictionMilliseconds;
    private EvictionTimings? _lastEviction;

    public void CountDecoded(int tokens) => _tokensSeen += tokens;

    /// <summary>An eviction took some rows, of all heads together.</summary>
    public void CountEviction(long rows, EvictionTimings timings)
    {
        _evictions++;
        _evictedRows += rows;
        _evictionMilliseconds += timings.Total;
        _lastEviction = timings;
    }

    /// <summary>The statistics of the slot.</summary>
    /// <param name="plan">What the cache is like.</param>
    /// <param name="conversation">What the slot holds now.</param>
    /// <param name="allocatedCells">Cells that llama.cpp made for it.</param>
    public KvCacheStatistics ToStatistics(CachePlan plan, SlotConversation conversation, int allocatedCells) => new()
    {
        Cells = conversation.Ledger.Rows,
        Capacity = plan.Capacity.Cells,
        BytesPerCell = plan.Probe.BytesPerCell,
        AllocatedBytes = allocatedCells * plan.Probe.BytesPerCell,
        LogicalTokens = conversation.Length,
        TokensSeen = _tokensSeen,
        Evictions = _evictions,
        EvictedRows = _evictedRows,
        EvictionMilliseconds = _evictionMilliseconds,
        LastEviction = _lastEviction,
        Policy = plan.Policy.Name,
        Mechanism = plan.Probe.Mechanism,
    };
}
