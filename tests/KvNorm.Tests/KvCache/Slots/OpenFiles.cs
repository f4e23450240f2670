namespace KvNorm.Tests.KvCache.Slots;

/// <summary>Files that this process has open, with a name or without. Linux only.</summary>
internal static class OpenFiles
{
    /// <summary>Cuts the open files of a folder to nothing, as a fault of the disk might.</summary>
    public static void Truncate(string folder)
    {
        string[] open =
        [
            .. Directory.EnumerateFiles("/proc/self/fd")
                .Where(path => new FileInfo(path).LinkTarget?.StartsWith(folder, StringComparison.Ordinal) == true),
        ];
        Assert.NotEmpty(open);
        foreach (string path in open)
            new FileStream(path, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite).Dispose();
    }
}
