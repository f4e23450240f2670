namespace KvNorm.Cli;

/// <summary>Files of saved conversations, as far as a chat must know them.</summary>
internal static class SavedConversation
{
    /// <summary>Requires that nothing is lost when a conversation is saved to a file: none there, or a saved conversation.</summary>
    /// <exception cref="IOException">There is something else.</exception>
    public static void RequireReplaceable(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
            return;
        ReadOnlySpan<byte> mark = "KVNORMCV"u8;
        Span<byte> begin = stackalloc byte[8];
        using FileStream file = File.OpenRead(path);
        int read = file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false);
        if (!begin[..read].SequenceEqual(mark))
            throw new IOException($"'{path}' is there and is no saved conversation; name another file.");
    }
}
