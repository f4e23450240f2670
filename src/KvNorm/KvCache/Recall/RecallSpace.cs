using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using Microsoft.Extensions.Logging;

namespace KvNorm.KvCache.Recall;

/// <summary>
/// What the recalls of all slots share: the room of the archives, the terms of the vocabulary, and rows on their way back.
/// </summary>
internal sealed class RecallSpace : IDisposable
{
    private readonly TokenTerms _terms;
    private readonly ArchiveSpace _archives;

    public RecallSpace(LlamaVocabulary vocabulary, CacheGeometry geometry, ArchiveLimits limits, ILogger logger)
    {
        _terms = TokenTerms.Of(vocabulary);
        _archives = new ArchiveSpace(new ArchiveLayout(geometry), limits, logger);
        Rows = new ArchivedRows(_archives.Layout);
    }

    /// <summary>Gets rows on their way from an archive into the cache.</summary>
    public ArchivedRows Rows { get; }

    /// <inheritdoc cref="ArchiveSpace.Bytes"/>
    public long Bytes => _archives.Bytes;

    /// <inheritdoc cref="ArchiveSpace.FileBytes"/>
    public long FileBytes => _archives.FileBytes;

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
