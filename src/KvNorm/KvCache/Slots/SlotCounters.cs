using KvNorm.KvCache.Archive;

namespace KvNorm.KvCache.Slots;

/// <summary>What happened in a slot since it was made.</summary>
internal sealed class SlotCounters
{
    private long _tokensSeen, _evictedRows;
    private int _evictions;
    private double _evictionMilliseconds;
    private EvictionTimings? _lastEviction;
    private int _renewals;
    private int _recalls;
    private long _recalledTokens;
    private double _recallMilliseconds;

    /// <summary>Gets or sets where it is told as well, for those who look at the slot's conversation.</summary>
    public ConversationTrace Trace { get; set; } = ConversationTrace.Nobodys();

    public void CountDecoded(int tokens) => _tokensSeen += tokens;

    /// <summary>An eviction took some rows, of all heads together.</summary>
    public void CountEviction(long rows, EvictionTimings timings)
    {
        _evictions++;
        _evictedRows += rows;
        _evictionMilliseconds += timings.Total;
        _lastEviction = timings;
        Trace.Add(new KvCacheEvent { Time = DateTimeOffset.UtcNow, Milliseconds = timings.Total, EvictedRows = rows });
    }

    /// <summary>What is held is read again at new positions.</summary>
    public void CountRenewal() => _renewals++;

    /// <summary>Rows of some spans and tokens came back.</summary>
    public void CountRecall(int spans, int tokens, double milliseconds)
    {
        _recalls += spans;
        _recalledTokens += tokens;
        _recallMilliseconds += milliseconds;
        Trace.Add(new KvCacheEvent
        {
            Time = DateTimeOffset.UtcNow, Milliseconds = milliseconds, RecalledPassages = spans, RecalledTokens = tokens,
        });
    }

    /// <summary>The statistics of the slot.</summary>
    /// <param name="plan">What the cache is like.</param>
    /// <param name="share">The cells that the slot may use.</param>
    /// <param name="conversation">What the slot holds now.</param>
    /// <param name="allocatedCells">Cells that llama.cpp made for it.</param>
    /// <param name="archive">What was evicted; null where nothing is kept of that.</param>
    public KvCacheStatistics ToStatistics(
        CachePlan plan, SlotShare share, SlotConversation conversation, int allocatedCells, RowArchive? archive) => new()
    {
        Cells = conversation.Ledger.Cells,
        Capacity = share.Capacity.Cells,
        MaximumSlotCells = plan.Shares.Most.Cells,
        BytesPerCell = plan.Probe.BytesPerCell,
        CacheTypeK = plan.Probe.Types.Keys,
        CacheTypeV = plan.Probe.Types.Values,
        AllocatedBytes = plan.Probe.Cost.BytesOf(allocatedCells),
        LogicalTokens = conversation.Length,
        TokensSeen = _tokensSeen,
        Evictions = _evictions,
        EvictedRows = _evictedRows,
        EvictionMilliseconds = _evictionMilliseconds,
        LastEviction = _lastEviction,
        Renewals = _renewals,
        Recalls = _recalls,
        RecalledTokens = _recalledTokens,
        RecallMilliseconds = _recallMilliseconds,
        ArchivedTokens = archive is null ? 0 : Math.Max(0, archive.Length - archive.Start),
        Policy = plan.Policy.Name,
        Mechanism = plan.Probe.Mechanism,
    };
}
