using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Recall;

/// <summary>
/// What the recalls of all slots share: the room of the archives, the terms of the vocabulary, and rows on their way back.
/// </summary>
/// <param name="terms">The terms of the vocabulary.</param>
/// <param name="archives">The room of the archives; null where rows cannot come back, and tokens are read again instead.</param>
/// <param name="embedder">Says what texts mean; null for their words alone. The space owns it.</param>
internal sealed class RecallSpace(TokenTerms terms, ArchiveSpace? archives, SpanEmbedder? embedder = null) : IDisposable
{
    /// <summary>Gets rows on their way from an archive into the cache; null where there is none.</summary>
    public ArchivedRows? Rows { get; } = archives is null ? null : new ArchivedRows(archives.Layout);

    /// <inheritdoc cref="ArchiveSpace.Bytes"/>
    public long Bytes => archives?.Bytes ?? 0;

    /// <inheritdoc cref="ArchiveSpace.FileBytes"/>
    public long FileBytes => archives?.FileBytes ?? 0;

    /// <summary>Gets what says what texts mean; null for their words alone.</summary>
    public SpanEmbedder? Embedder => embedder;

    /// <summary>Makes ready, on the caller's thread, what the next recall needs: where something was evicted or is going to be.</summary>
    /// <param name="evicts">Whether something was evicted, or the next prompt is going to do that.</param>
    /// <returns>Whether a recall is to be expected.</returns>
    public bool Prepare(bool evicts)
    {
        bool isExpected = evicts || Bytes + FileBytes > 0;
        if (isExpected)
            terms.Load();
        return isExpected;
    }

    /// <summary>Gets how the rows of a token lie in an archive; null where there is none.</summary>
    public ArchiveLayout? Layout => archives?.Layout;

    /// <summary>An archive with rows that were saved; null where there is none.</summary>
    public RowArchive? CreateArchive(ArchivedRows saved)
    {
        RowArchive? archive = archives?.CreateArchive();
        archive?.Load(saved);
        return archive;
    }

    /// <summary>The recall of one conversation.</summary>
    /// <param name="ledger">What the cache holds of it.</param>
    /// <param name="spans">Which span each of its tokens stands in.</param>
    /// <param name="textOf">The text of tokens.</param>
    public ConversationRecall CreateFor(RowLedger ledger, SpanMap spans, Func<int[], string> textOf) => new(
        archives?.CreateArchive(),
        new SpanIndex(spans, terms),
        ledger,
        Rows,
        embedder is null ? null : new SpanMeanings(spans, embedder, textOf));

    public void Dispose()
    {
        archives?.Dispose();
        Rows?.Dispose();
        embedder?.Dispose();
    }
}
