using System.Buffers.Binary;
using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Archive;

/// <summary>
/// What a conversation's tokens were in the cache before any head gave them up: the rows of all layers and heads, by logical token. An
/// eviction appends the tokens decoded since the one before; nothing is written twice. The beginning may be missing where there was no
/// room.
/// </summary>
internal sealed class RowArchive(ArchiveSpace space) : IDisposable
{
    private readonly List<ArchiveChunk> _chunks = []; // each holds the tokens up to the first one of the next
    private int _start, _length;

    /// <summary>Gets the first token that is archived.</summary>
    public int Start => Volatile.Read(ref _start);

    /// <summary>Gets the index after the last token that is archived.</summary>
    public int Length => Volatile.Read(ref _length);

    /// <summary>Gets whether no token is archived.</summary>
    public bool IsEmpty => _chunks.Count == 0;

    /// <summary>Gets the chunk of the oldest tokens; null where no token is archived.</summary>
    public ArchiveChunk? Oldest => IsEmpty ? null : _chunks[0];

    public ArchiveLayout Layout => space.Layout;

    private ArchiveSpace Space => space;

    /// <summary>Appends the rows of tokens that every head holds. Those that are archived already are left as they are.</summary>
    /// <param name="state">The cache's contents in time order.</param>
    /// <param name="firstRow">The first row that is the same token in every head; all after it are appended, too.</param>
    /// <param name="firstToken">Its token.</param>
    public void Append(SequenceState state, int firstRow, int firstToken)
    {
        int end = firstToken + state.CellCount - firstRow;
        if (firstToken > Length)
            Restart(firstToken); // what lies between is not known
        while (Length < end)
        {
            int token = Length;
            if (ChunkToWrite() is not { } chunk)
            {
                Restart(end);
                return;
            }

            int count = Math.Min(Layout.TokensPerChunk - (token - chunk.FirstToken), end - token);
            Write(state, firstRow + token - firstToken, chunk, token - chunk.FirstToken, count);
            _length = token + count;
        }
    }

    /// <summary>Drops the tokens from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        if (length >= Length)
            return;
        while (_chunks.Count > 0 && _chunks[^1].FirstToken >= length)
            RemoveAt(_chunks.Count - 1);
        (_start, _length) = (Math.Min(Start, length), length);
    }

    /// <summary>
    /// Takes over what another archive holds. Where it is of the same space, the two share that until one of them changes; else as much is
    /// copied as there is room for.
    /// </summary>
    public void CopyFrom(RowArchive other)
    {
        if (other.Space != space)
        {
            CopyBytes(other);
            return;
        }

        foreach (ArchiveChunk chunk in other._chunks)
            chunk.References++;
        Restart(0);
        _chunks.AddRange(other._chunks);
        (_start, _length) = (other.Start, other.Length);
    }

    /// <summary>A request uses it: others make room first.</summary>
    public void Touch() => space.Touch(this);

    /// <summary>An archive that holds the same, and was not used since this one was.</summary>
    public RowArchive Share()
    {
        RowArchive archive = space.CreateArchive(beside: this);
        archive.CopyFrom(this);
        return archive;
    }

    /// <summary>Takes over rows that were copied out of another archive, in place of what is here: as many as there is room for.</summary>
    /// <param name="rows">The rows, of tokens that follow each other; at least one.</param>
    public void Load(ArchivedRows rows)
    {
        Restart(rows.Tokens[0]);
        for (int i = 0; i < rows.Tokens.Length; i++)
        {
            if (ChunkToWrite() is not { } chunk)
            {
                Restart(rows.Tokens[^1] + 1);
                return;
            }

            for (int section = 0; section < Layout.SectionCount; section++)
                rows.Row(i, section).CopyTo(Part(chunk.Memory!, section, Length - chunk.FirstToken, 1));
            _length++;
        }
    }

    /// <summary>Copies the latest tokens out.</summary>
    /// <param name="maximumBytes">The maximum of bytes.</param>
    /// <returns>Null where there are none, or they cannot be read.</returns>
    public ArchivedRows? CopyLatest(long maximumBytes)
    {
        int count = (int)Math.Min(Length - Start, maximumBytes / Layout.BytesPerToken);
        if (count <= 0)
            return null;
        ArchivedRows rows = new(Layout);
        if (TryRead([.. Enumerable.Range(Length - count, count)], rows))
            return rows;
        rows.Dispose();
        return null;
    }

    /// <summary>Copies the rows of some tokens out.</summary>
    /// <param name="tokens">Archived tokens, ascending.</param>
    /// <param name="rows">Receives them.</param>
    /// <returns>False when the archive's file could not be read; a token in it is archived no more then.</returns>
    public bool TryRead(ReadOnlySpan<int> tokens, ArchivedRows rows)
    {
        rows.Clear(tokens);
        using StateBuffer scratch = new();
        StateBuffer? bytes = null;
        int next = 0; // of the chunks
        for (int i = 0; i < tokens.Length; i++)
        {
            for (; next < _chunks.Count && _chunks[next].FirstToken <= tokens[i]; next++)
                bytes = null;
            ArchiveChunk chunk = _chunks[next - 1];
            bytes ??= space.Open(chunk, scratch);
            if (bytes is null)
                return false;
            for (int section = 0; section < Layout.SectionCount; section++)
                Part(bytes, section, tokens[i] - chunk.FirstToken, 1).CopyTo(rows.Row(i, section));
        }

        return true;
    }

    /// <summary>Gives up the tokens of a chunk and all before them; none where it does not refer to the chunk.</summary>
    public void DropThrough(ArchiveChunk chunk) => DropFirst(_chunks.IndexOf(chunk) + 1);

    /// <summary>Gives up all tokens up to the last one in the file, which cannot be read any more.</summary>
    public void DropUnreadable() => DropFirst(_chunks.FindLastIndex(static chunk => chunk.Memory is null) + 1);

    public void Dispose()
    {
        Restart(0);
        space.Remove(this);
    }

    // Nothing is archived; the next token will be this one.
    private void Restart(int token)
    {
        while (_chunks.Count > 0)
            RemoveAt(_chunks.Count - 1);
        (_start, _length) = (token, token);
    }

    private void CopyBytes(RowArchive other)
    {
        Restart(other.Start);
        using StateBuffer scratch = new();
        foreach (ArchiveChunk theirs in other._chunks.ToArray())
        {
            if (other.Space.Open(theirs, scratch) is { } bytes && space.Take(theirs.FirstToken) is { } own)
            {
                bytes.Slice(0, Layout.ChunkBytes).CopyTo(own.Memory!.Slice(0, Layout.ChunkBytes));
                _chunks.Add(own);
            }
            else
            {
                Restart(other.Length);
            }
        }

        (_start, _length) = (_chunks.Count > 0 ? _chunks[0].FirstToken : other.Length, other.Length);
    }

    private void DropFirst(int chunks)
    {
        if (chunks == 0)
            return;
        for (; chunks > 0; chunks--)
            RemoveAt(0);
        _start = Oldest?.FirstToken ?? Length;
    }

    private void RemoveAt(int index)
    {
        ArchiveChunk chunk = _chunks[index];
        _chunks.RemoveAt(index);
        space.Release(chunk);
    }

    // A chunk that the next token can be written to; null when there is no room for any.
    private ArchiveChunk? ChunkToWrite()
    {
        ArchiveChunk? last = _chunks.Count > 0 ? _chunks[^1] : null;
        if (last is { References: 1, Memory: not null } && Length - last.FirstToken < Layout.TokensPerChunk)
            return last;
        ArchiveChunk? chunk = space.Take(Length);
        if (chunk is not null)
            _chunks.Add(chunk);
        return chunk;
    }

    private void Write(SequenceState state, int row, ArchiveChunk chunk, int inChunk, int count)
    {
        Span<byte> positions = Part(chunk.Memory!, ArchiveLayout.Positions, inChunk, count);
        for (int i = 0; i < count; i++)
            BinaryPrimitives.WriteInt32LittleEndian(positions[(i * sizeof(int))..], state.Position(row + i));
        for (int layer = 0; layer < Layout.LayerCount; layer++)
        {
            Copy(state.Keys(layer), ArchiveLayout.Keys(layer));
            Copy(state.Values(layer), Layout.Values(layer));
        }

        void Copy(ReadOnlySpan<byte> rows, int section)
        {
            int rowBytes = Layout.RowBytes(section);
            rows.Slice(row * rowBytes, count * rowBytes).CopyTo(Part(chunk.Memory!, section, inChunk, count));
        }
    }

    private Span<byte> Part(StateBuffer chunk, int section, int inChunk, int count) =>
        chunk.Slice(Layout.Offset(section, inChunk, Layout.TokensPerChunk), count * Layout.RowBytes(section));
}
