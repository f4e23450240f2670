namespace KvNorm.Chat.Conversations;

/// <summary>Files that are whole or not there.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes a file beside its place and moves it there when it is complete and on the disk. Until then, and on any failure, what stood
    /// there stays.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes its contents.</param>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        path = Path.GetFullPath(path);
        if (Directory.Exists(path))
            throw new IOException($"'{path}' is a folder; name a file in it.");
        string temporary = Path.Combine(Path.GetDirectoryName(path)!, Path.GetRandomFileName());
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // conversations are private
        try
        {
            FileStream file = new(temporary, options);
            await using (file.ConfigureAwait(false))
            {
                await write(file).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
