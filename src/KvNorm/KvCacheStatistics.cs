namespace KvNorm;

/// <summary>What the cache holds and what happened in it, at one moment, over all slots.</summary>
public sealed record KvCacheStatistics
{
    /// <summary>Gets the cells in use.</summary>
    public required int Cells { get; init; }

    /// <summary>Gets the cells that may be in use; <see cref="Cells"/> never passes it.</summary>
    public required int Capacity { get; init; }

    /// <summary>Gets the bytes of one cell over all layers and heads.</summary>
    public required long BytesPerCell { get; init; }

    /// <summary>Gets what keys are stored as.</summary>
    public KvCacheType CacheTypeK { get; init; } = KvCacheType.F16;

    /// <summary>Gets what values are stored as.</summary>
    public KvCacheType CacheTypeV { get; init; } = KvCacheType.F16;

    /// <summary>Gets the bytes of the cells in use.</summary>
    public long UsedBytes => Cells * BytesPerCell;

    /// <summary>Gets the bytes llama.cpp allocated for the cache, once, when it was made.</summary>
    public required long AllocatedBytes { get; init; }

    /// <summary>Gets the tokens of the conversations in the slots, held or not.</summary>
    public required int LogicalTokens { get; init; }

    /// <summary>Gets the tokens decoded since the cache was made, prompts and answers.</summary>
    public required long TokensSeen { get; init; }

    /// <summary>Gets the evictions since the cache was made.</summary>
    public required int Evictions { get; init; }

    /// <summary>Gets the rows evicted since the cache was made; a row is one token's key and value in one layer and head.</summary>
    public required long EvictedRows { get; init; }

    /// <summary>Gets the milliseconds that all evictions took.</summary>
    public required double EvictionMilliseconds { get; init; }

    /// <summary>Gets the steps of the last eviction in the slot that was used last; null when it had none.</summary>
    public required EvictionTimings? LastEviction { get; init; }

    /// <summary>
    /// Gets how often the tokens that were held were prefilled again at positions from 0 on: where rows keep their positions, a
    /// conversation goes on in this way when those that the model was trained for are used up.
    /// </summary>
    public int Renewals { get; init; }

    /// <summary>Gets the passages (sentences or lines) that were evicted and came back for a message, since the cache was made.</summary>
    public int Recalls { get; init; }

    /// <summary>Gets the tokens of these that some layer or head had lost.</summary>
    public long RecalledTokens { get; init; }

    /// <summary>Gets the milliseconds that all recalls took, beside the evictions that were due at the same time.</summary>
    public double RecallMilliseconds { get; init; }

    /// <summary>Gets the tokens of the conversations in the slots that the archive holds, from which they can be recalled.</summary>
    public int ArchivedTokens { get; init; }

    /// <summary>Gets the bytes of host memory that the archive takes, beside the budget.</summary>
    public long ArchiveBytes { get; init; }

    /// <summary>Gets the bytes of the archive's file in use.</summary>
    public long ArchiveFileBytes { get; init; }

    /// <summary>Gets the conversations that are held in host memory outside of the slots.</summary>
    public int ParkedConversations { get; init; }

    /// <summary>Gets the bytes that these take.</summary>
    public long ParkedBytes { get; init; }

    /// <summary>Gets the conversations that came back from there since the cache was made.</summary>
    public int RestoredConversations { get; init; }

    /// <summary>Gets the conversations that the cache holds at a time.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>
    /// Gets the cells that one of them may use: an equal share, or in a unified cache what the others leave while each has its least share.
    /// </summary>
    public int MaximumSlotCells { get; init; }

    /// <summary>Gets the name of the policy that decides what stays.</summary>
    public required string Policy { get; init; }

    /// <summary>Gets how rows leave this model's cache.</summary>
    public required EvictionMechanism Mechanism { get; init; }

    /// <summary>The statistics of several slots together, without what is one for all: capacity and allocated bytes.</summary>
    /// <param name="slots">Those of each slot.</param>
    /// <param name="latest">Those of the slot that was used last.</param>
    internal static KvCacheStatistics Sum(IReadOnlyList<KvCacheStatistics> slots, KvCacheStatistics latest) => latest with
    {
        Cells = slots.Sum(static slot => slot.Cells),
        LogicalTokens = slots.Sum(static slot => slot.LogicalTokens),
        TokensSeen = slots.Sum(static slot => slot.TokensSeen),
        Evictions = slots.Sum(static slot => slot.Evictions),
        EvictedRows = slots.Sum(static slot => slot.EvictedRows),
        EvictionMilliseconds = slots.Sum(static slot => slot.EvictionMilliseconds),
        Renewals = slots.Sum(static slot => slot.Renewals),
        Recalls = slots.Sum(static slot => slot.Recalls),
        RecalledTokens = slots.Sum(static slot => slot.RecalledTokens),
        RecallMilliseconds = slots.Sum(static slot => slot.RecallMilliseconds),
        ArchivedTokens = slots.Sum(static slot => slot.ArchivedTokens),
        Slots = slots.Count,
    };
}
