using KvNorm.Runtime;

namespace KvNorm.Chat.Conversations;

/// <summary>What a client can take of a saved conversation.</summary>
/// <param name="LedgerBytes">The maximum of bytes of a ledger.</param>
/// <param name="RowBytes">The maximum of bytes of rows; more are checked and then left out.</param>
/// <param name="RowsStart">Bytes to leave free before the rows.</param>
/// <param name="RowsAfter">Bytes to leave free after them.</param>
internal sealed record ConversationLimits(long LedgerBytes, long RowBytes, int RowsStart, int RowsAfter)
{
    /// <summary>Gets what rows must be stored as; others are checked and then left out.</summary>
    public CacheTypes Types { get; init; } = CacheTypes.Half;

    /// <summary>Gets the maximum of bytes of an archive; of more the latest tokens are taken, and the others checked.</summary>
    public long ArchiveBytes { get; init; }

    /// <summary>Gets the bytes of a token in an archive.</summary>
    public int ArchiveRecordBytes { get; init; } = 1;
}
