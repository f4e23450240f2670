namespace KvNorm.KvCache.Archive;

/// <summary>What the archive of evicted rows may take.</summary>
/// <param name="Bytes">The maximum of bytes of memory; 0 for no archive.</param>
/// <param name="Folder">Where a file takes what memory does not; null for none.</param>
/// <param name="FileBytes">The maximum of bytes of that file.</param>
internal sealed record ArchiveLimits(long Bytes, string? Folder = null, long FileBytes = 0)
{
    /// <summary>No archive.</summary>
    public static readonly ArchiveLimits None = new(0);
}
