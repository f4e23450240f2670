using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Recall;

/// <summary>
/// What the recalls of all slots share: the room of the archives, the terms of the vocabulary, and rows on their way back.
/// </summary>
/// <param name="terms">The terms of the vocabulary.</param>
/// <param name="archives">The room of the archives; null where rows cannot come back, and tokens are read again instead.</param>
internal sealed class RecallSpace(TokenTerms terms, ArchiveSpace? archives) : IDisposable
{
    /// <summary>Gets rows on their way from an archive into the cache; null where there is none.</summary>
    public ArchivedRows? Rows { get; } = archives is null ? null : new ArchivedRows(archives.Layout);

    /// <inheritdoc cref="ArchiveSpace.Bytes"/>
    public long Bytes => archives?.Bytes ?? 0;

    /// <inheritdoc cref="ArchiveSpace.FileBytes"/>
    public long FileBytes => archives?.FileBytes ?? 0;

    /// <summary>Makes ready, on the caller's thread, what the next recall needs: where something was evicted or is going to be.</summary>
    /// <param name="evicts">Whether the next prompt is going to evict something.</param>
    public void Prepare(bool evicts)
    {
        if (evicts || Bytes + FileBytes > 0)
            terms.Load();
    }

    /// <summary>The recall of one conversation.</summary>
    /// <param name="ledger">What the cache holds of it.</param>
    /// <param name="spans">Which span each of its tokens stands in.</param>
    public ConversationRecall CreateFor(RowLedger ledger, SpanMap spans) =>
        new(archives?.CreateArchive(), new SpanIndex(spans, terms), ledger, Rows);

    public void Dispose()
    {
        archives?.Dispose();
        Rows?.Dispose();
    }
}
