using KvNorm.Runtime;
using Microsoft.Extensions.Logging;

namespace KvNorm.KvCache.Archive;

/// <summary>
/// The memory and the file that the archives of all conversations share, within their bounds. Where memory is full the oldest chunk goes to
/// the file; where that is full, too, the archive that has not been used for longest gives up its oldest chunk, and so do all
/// that share it.
/// </summary>
/// <remarks>One caller at a time; <see cref="Bytes"/> and <see cref="FileBytes"/> may be read from any thread.</remarks>
internal sealed class ArchiveSpace : IDisposable
{
    private readonly ILogger _logger;
    private readonly int _maximumInMemory; // chunks
    private readonly List<ArchiveChunk> _inMemory = []; // the oldest first
    private readonly List<RowArchive> _archives = [];   // the least recently used first
    private ArchiveFile? _file; // null for none, and after it failed
    private long _bytes, _fileBytes;

    /// <summary>Makes an empty space; memory is taken as it is needed.</summary>
    /// <param name="layout">What a token takes.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="logger">Told once when the file fails.</param>
    public ArchiveSpace(ArchiveLayout layout, ArchiveLimits limits, ILogger logger)
    {
        (Layout, _logger) = (layout, logger);
        _maximumInMemory = (int)Math.Min(limits.Bytes / layout.ChunkBytes, int.MaxValue);
        _file = limits.Folder is { } folder ? new ArchiveFile(folder, limits.FileBytes, layout.ChunkBytes) : null;
    }

    public ArchiveLayout Layout { get; }

    /// <summary>Gets the bytes of memory in use.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Gets the bytes of the file in use.</summary>
    public long FileBytes => Volatile.Read(ref _fileBytes);

    /// <summary>Makes an empty archive, which must be disposed of.</summary>
    /// <param name="beside">One that was used last when this one was; null for one that is used now.</param>
    public RowArchive CreateArchive(RowArchive? beside = null)
    {
        RowArchive archive = new(this);
        _archives.Insert(beside is null ? _archives.Count : _archives.IndexOf(beside), archive);
        return archive;
    }

    /// <summary>An archive is used: others make room first.</summary>
    public void Touch(RowArchive archive)
    {
        Remove(archive);
        _archives.Add(archive);
    }

    /// <summary>An archive has gone.</summary>
    public void Remove(RowArchive archive) => _archives.Remove(archive);

    /// <summary>A new chunk in memory, for which others may have to make room; null when the bounds allow none at all.</summary>
    /// <param name="firstToken">The first token of the chunk.</param>
    public ArchiveChunk? Take(int firstToken)
    {
        StateBuffer? memory = null;
        while (_inMemory.Count >= _maximumInMemory && memory is null)
        {
            if (_inMemory.Count > 0 && TrySpill(_inMemory[0]) is { } spilled)
                memory = spilled;
            else if (!DropOldest())
                return null;
        }

        ArchiveChunk chunk = new(firstToken, memory ?? new StateBuffer());
        chunk.Memory!.Resize(Layout.ChunkBytes);
        _inMemory.Add(chunk);
        Count();
        return chunk;
    }

    /// <summary>An archive refers to a chunk no more.</summary>
    public void Release(ArchiveChunk chunk)
    {
        if (--chunk.References > 0)
            return;
        if (chunk.Memory is { } memory)
        {
            _inMemory.Remove(chunk);
            memory.Dispose();
        }
        else
        {
            _file?.Free(chunk.Place);
        }

        Count();
    }

    /// <summary>The bytes of a chunk, from memory or copied from the file.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="scratch">Receives them where they are in the file.</param>
    /// <returns>Null when the file could not be read: the chunk is lost, with all that are in the file.</returns>
    public StateBuffer? Open(ArchiveChunk chunk, StateBuffer scratch)
    {
        if (chunk.Memory is { } memory)
            return memory;
        if (_file is null)
            return null;
        try
        {
            scratch.Resize(Layout.ChunkBytes);
            _file.Read(chunk.Place, scratch.Slice(0, Layout.ChunkBytes));
            return scratch;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            GiveUpFile(e);
            return null;
        }
    }

    public void Dispose()
    {
        foreach (RowArchive archive in _archives.ToArray())
            archive.Dispose();
        _file?.Dispose();
    }

    // The memory of the chunk; null when the file does not take it.
    private StateBuffer? TrySpill(ArchiveChunk chunk)
    {
        if (_file is not { HasRoom: true })
            return null;
        try
        {
            chunk.Place = _file.Write(chunk.Memory!.Slice(0, Layout.ChunkBytes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            GiveUpFile(e);
            return null;
        }

        StateBuffer memory = chunk.Memory!;
        chunk.Memory = null;
        _inMemory.Remove(chunk);
        Count();
        return memory;
    }

    // From all that refer to it: one that goes from some of them alone would free nothing.
    private bool DropOldest()
    {
        if (_archives.Find(static archive => archive.Oldest is not null)?.Oldest is not { } oldest)
            return false;
        foreach (RowArchive archive in _archives)
            archive.DropThrough(oldest);
        return true;
    }

    // What was in the file is lost; conversations go on with what is in memory.
    private void GiveUpFile(Exception failure)
    {
        LogMessages.ArchiveFileFailed(_logger, failure);
        ArchiveFile file = _file!;
        _file = null;
        foreach (RowArchive archive in _archives)
            archive.DropUnreadable();
        file.Dispose();
        Count();
    }

    private void Count()
    {
        Volatile.Write(ref _bytes, (long)_inMemory.Count * Layout.ChunkBytes);
        Volatile.Write(ref _fileBytes, _file?.Bytes ?? 0);
    }
}
