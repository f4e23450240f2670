using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;
using Microsoft.Extensions.Logging;

namespace KvNorm.KvCache.Recall;

/// <summary>
/// What the recalls of all slots share: the room of the archives, the terms of the vocabulary, and rows on their way back.
/// </summary>
internal sealed class RecallSpace : IDisposable
{
    private readonly TokenTerms _terms;
    private readonly ArchiveSpace _archives;

    /// <summary>Makes the space; nothing is taken before the first eviction.</summary>
    /// <param name="terms">The terms of the vocabulary.</param>
    /// <param name="geometry">The shape of the cache.</param>
    /// <param name="limits">What the archives may take.</param>
    /// <param name="logger">Told when their file fails.</param>
    public RecallSpace(TokenTerms terms, CacheGeometry geometry, ArchiveLimits limits, ILogger logger)
    {
        _terms = terms;
        _archives = new ArchiveSpace(new ArchiveLayout(geometry), limits, logger);
        Rows = new ArchivedRows(_archives.Layout);
    }

    /// <summary>Gets rows on their way from an archive into the cache.</summary>
    public ArchivedRows Rows { get; }

    /// <inheritdoc cref="ArchiveSpace.Bytes"/>
    public long Bytes => _archives.Bytes;

    /// <inheritdoc cref="ArchiveSpace.FileBytes"/>
    public long FileBytes => _archives.FileBytes;

    /// <summary>Makes ready, on the caller's thread, what the next recall needs: where something was evicted or is going to be.</summary>
    /// <param name="evicts">Whether the next prompt is going to evict something.</param>
    public void Prepare(bool evicts)
    {
        if (evicts || Bytes + FileBytes > 0)
            _terms.Load();
    }

    /// <summary>The recall of one conversation.</summary>
    /// <param name="ledger">What the cache holds of it.</param>
    /// <param name="spans">Which span each of its tokens stands in.</param>
    public ConversationRecall CreateFor(RowLedger ledger, SpanMap spans) =>
        new(_archives.CreateArchive(), new SpanIndex(spans, _terms), ledger, Rows);

    public void Dispose()
    {
        _archives.Dispose();
        Rows.Dispose();
    }
}
