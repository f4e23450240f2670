namespace KvNorm.KvCache.Archive;

/// <summary>
/// Chunks of the archive in a file that only the user may read, made when the first is written. The file loses its name as soon as it is
/// open (on Windows when it is closed, whatever ends the process), so that nothing is left behind.
/// </summary>
/// <param name="folder">The folder, made where there is none.</param>
/// <param name="maximumBytes">The maximum of bytes of the file.</param>
/// <param name="chunkBytes">Bytes of a chunk.</param>
internal sealed class ArchiveFile(string folder, long maximumBytes, int chunkBytes) : IDisposable
{
    private const string Pattern = "kvnorm-*.archive";

    private readonly Stack<int> _free = []; // places that were given up
    private FileStream? _file;
    private int _places; // in the file so far

    /// <summary>Gets whether there is room for another chunk.</summary>
    public bool HasRoom => _free.Count > 0 || (_places + 1L) * chunkBytes <= maximumBytes;

    /// <summary>Gets the bytes of the chunks in it.</summary>
    public long Bytes => (long)(_places - _free.Count) * chunkBytes;

    /// <summary>Writes a chunk; there must be room.</summary>
    /// <returns>Its place.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not ours to write to.</exception>
    public int Write(ReadOnlySpan<byte> chunk)
    {
        _file ??= Open();
        int place = _free.Count > 0 ? _free.Peek() : _places;
        RandomAccess.Write(_file.SafeFileHandle, chunk, (long)place * chunkBytes);
        if (place == _places)
            _places++;
        else
            _free.Pop();
        return place;
    }

    /// <summary>Reads the chunk of a place.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void Read(int place, Span<byte> chunk)
    {
        long offset = (long)place * chunkBytes;
        while (!chunk.IsEmpty)
        {
            int count = RandomAccess.Read(_file!.SafeFileHandle, chunk, offset);
            if (count == 0)
                throw new EndOfStreamException("The archive's file is shorter than what was written to it.");
            chunk = chunk[count..];
            offset += count;
        }
    }

    /// <summary>Gives a place up.</summary>
    public void Free(int place) => _free.Push(place);

    public void Dispose() => _file?.Dispose();

    private FileStream Open()
    {
        Directory.CreateDirectory(folder);
        RemoveLeftOvers();
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 0,
            Options = FileOptions.DeleteOnClose,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        FileStream file = new(Path.Combine(folder, Pattern.Replace("*", Path.GetRandomFileName(), StringComparison.Ordinal)), options);
        if (!OperatingSystem.IsWindows())
            File.Delete(file.Name);
        return file;
    }

    // Of a process that was killed in the moment between making its file and taking its name away. A file that a client still uses goes on
    // without its name.
    private void RemoveLeftOvers()
    {
        foreach (string path in Directory.EnumerateFiles(folder, Pattern))
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // another user's
            }
        }
    }
}
