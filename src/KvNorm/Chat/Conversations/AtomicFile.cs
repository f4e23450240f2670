using KvNorm.Runtime;

namespace KvNorm.Chat.Conversations;

/// <summary>Files that are whole or not there.</summary>
internal static class AtomicFile
{
    private const string Ending = ".kvnorm-part";
    private const int NameLength = 40; // characters of the file's name in that of its part, since names have a limit of their own
    private const int UnixDiskFull = 28, UnixQuota = 122, WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>
    /// Writes a file beside its place and moves it there when it is complete and on the disk. Until then, and on any failure, what stood
    /// there stays. A symbolic link is followed. Parts that a killed process has left of the same file are removed.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes its contents.</param>
    /// <exception cref="IOException">
    /// It cannot be written, such as into a full disk, or what stands there is no file. Names the path and what to do.
    /// </exception>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        string target = RequireTarget(path);
        string beginning = PartBeginning(target);
        RemoveLeftParts(beginning);
        string part = $"{beginning}{Path.GetRandomFileName()}{Ending}";
        try
        {
            await WriteThroughAsync(part, target, write).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            File.Delete(part);
            if (e is IOException or UnauthorizedAccessException)
                throw new IOException($"'{path}' could not be saved: {Reason(e, target)} What stood there before is as it was.", e);
            throw;
        }
    }

    private static async Task WriteThroughAsync(string part, string target, Func<Stream, Task> write)
    {
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Delete, // to be moved while it is open: so nobody takes it for left behind
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // conversations are private
        FileStream file = new(part, options);
        await using (file.ConfigureAwait(false))
        {
            await write(file).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
            File.Move(part, target, overwrite: true);
        }
    }

    private static string RequireTarget(string path)
    {
        string full = Path.GetFullPath(path);
        string target = new FileInfo(full).LinkTarget is null ? full : File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
        string folder = Path.GetDirectoryName(target) ?? target;
        if (Directory.Exists(target))
            throw new IOException($"'{path}' is a folder; name a file in it.");
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"'{path}' could not be saved: there is no folder '{folder}'; make it first.");
        if (File.Exists(target) && !FileIdentity.IsRegular(target))
            throw new IOException($"'{path}' is a device or a pipe; name a file, or save to a stream.");
        return target;
    }

    private static string PartBeginning(string target)
    {
        string name = Path.GetFileName(target);
        if (name.Length > NameLength)
            name = name[..(char.IsHighSurrogate(name[NameLength - 1]) ? NameLength - 1 : NameLength)];
        return Path.Combine(Path.GetDirectoryName(target)!, $".{name}.");
    }

    // One that is being written is locked by whoever writes it.
    private static void RemoveLeftParts(string beginning)
    {
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(beginning)!))
        {
            if (!file.StartsWith(beginning, StringComparison.Ordinal) || !file.EndsWith(Ending, StringComparison.Ordinal))
                continue;
            try
            {
                using FileStream left = new(file, FileMode.Open, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use, removed by another save, or not ours: what matters is the save.
            }
        }
    }

    private static string Reason(Exception e, string target) => e switch
    {
        UnauthorizedAccessException =>
            $"no file may be made in '{Path.GetDirectoryName(target)}'; change its permissions, or name another.",
        { HResult: UnixDiskFull or UnixQuota or WindowsDiskFull } =>
            "the disk, or what may be used of it, is full; make room, or name a file on another.",
        _ => $"{e.Message.TrimEnd('.')}.",
    };
}
