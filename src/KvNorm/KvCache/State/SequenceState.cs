using System.Buffers.Binary;
using KvNorm.Runtime;

namespace KvNorm.KvCache.State;

/// <summary>
/// A view of the bytes that llama_state_seq_get_data gives for one sequence with flash attention on. Little endian:
/// magic, sequence, streams, per stream: cells, and where there are any: per cell {position, sequences (1), sequence}, transposed (0),
/// layers,
/// per layer {type, u64 row bytes, keys (cells, row)}, per layer {type, u64 row bytes, values (cells, row)}.
/// A context has a stream for each of its sequences; those of the others are empty.
/// Every field is checked before a byte after it is trusted. The rows can be changed in place and cut to their first m.
/// </summary>
internal sealed class SequenceState
{
    /// <summary>Bytes before the first stream: magic, sequence, streams.</summary>
    public const int HeaderLength = 12;

    private const uint Magic = 0xaf143cd8;
    private const int CellBytes = 12;
    private const int TransposedAndLayers = 8; // bytes of these two numbers, after the cells
    private const int SectionHeader = 12; // type and row bytes before each layer's rows
    private const int MaximumLayers = 4096; // far above any model; a count above it is damage
    private const int MaximumRowBytes = 1 << 26; // likewise

    private readonly StateBuffer _buffer;
    private readonly Section[] _sections; // keys of all layers, then values of all layers
    private readonly long _cells;         // where the cells begin, after their count
    private readonly int _after;          // bytes after the last layer: the empty streams after this one, and what else is kept

    private SequenceState(StateBuffer buffer, long cells, int cellCount, Section[] sections, long end)
    {
        (_buffer, _cells, _sections) = (buffer, cells, sections);
        CellCount = cellCount;
        TrailingBytes = buffer.Length - end;
        _after = checked((int)(buffer.Length - EndOf(sections[^1])));
    }

    /// <summary>Gets the cells of the sequence: rows of every layer.</summary>
    public int CellCount { get; private set; }

    public int LayerCount => _sections.Length / 2;

    /// <summary>Gets where the one stream begins that has cells, with their number.</summary>
    public long StreamStart => _cells - sizeof(int);

    /// <summary>Gets the bytes of that stream.</summary>
    public long StreamLength => EndOf(_sections[^1]) - StreamStart;

    /// <summary>
    /// Gets the bytes after the last layer: a second cache or a recurrent state; 0 when the state is this one cache alone.
    /// </summary>
    public long TrailingBytes { get; }

    /// <summary>What a layer's keys are stored as.</summary>
    public KvCacheType KeyType(int layer) => _sections[layer].Type;

    /// <summary>What a layer's values are stored as.</summary>
    public KvCacheType ValueType(int layer) => _sections[LayerCount + layer].Type;

    /// <summary>Elements in one cell's keys.</summary>
    public int KeyRow(int layer) => _sections[layer].Row;

    /// <summary>Elements in one cell's values.</summary>
    public int ValueRow(int layer) => _sections[LayerCount + layer].Row;

    /// <summary>The bytes of a layer's keys, (cells, KeyRow), row-major, with RoPE.</summary>
    public Span<byte> Keys(int layer) => Rows(_sections[layer]);

    /// <summary>The bytes of a layer's values, (cells, ValueRow), row-major.</summary>
    public Span<byte> Values(int layer) => Rows(_sections[LayerCount + layer]);

    public int Position(int cell) => BinaryPrimitives.ReadInt32LittleEndian(_buffer.Slice(_cells + ((long)cell * CellBytes), 4));

    /// <summary>
    /// Makes a state of a stream that stands in a buffer after <see cref="HeaderLength"/> bytes, with <see cref="BytesAfter"/> after it.
    /// </summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="streams">Streams that the state must have: the sequences of the context it is for.</param>
    public static void Wrap(StateBuffer buffer, int streams)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.Slice(0, sizeof(uint)), Magic);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.Slice(sizeof(uint), sizeof(int)), 0);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.Slice(2 * sizeof(uint), sizeof(int)), streams);
        int after = BytesAfter(streams);
        buffer.Slice(buffer.Length - after, after).Clear();
    }

    /// <summary>Bytes of the empty streams after the first.</summary>
    public static int BytesAfter(int streams) => (streams - 1) * sizeof(int);

    /// <summary>Parses the state in a buffer.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a state; the message says where they differ.</exception>
    public static SequenceState Parse(StateBuffer buffer)
    {
        Reader reader = new(buffer, 0);
        Require(reader.UInt32() == Magic, "the state does not begin with llama.cpp's number");
        reader.UInt32(); // the sequence it came from
        return Parse(buffer, reader);
    }

    /// <summary>
    /// Parses the second cache, of the layers with a sliding window, that stands after the first in a buffer. Its offsets hold until the
    /// first one is extended or cut.
    /// </summary>
    /// <inheritdoc cref="Parse(StateBuffer)"/>
    public static SequenceState ParseSecond(StateBuffer buffer, SequenceState first) =>
        Parse(buffer, new Reader(buffer, buffer.Length - first.TrailingBytes));

    private static SequenceState Parse(StateBuffer buffer, Reader reader)
    {
        uint streams = reader.UInt32(), stream = 1;
        Require(streams is > 0 and <= LlamaContext.MaximumSequences, "the state has no stream, or more than llama.cpp makes");
        int cells = reader.Count("cells", CellBytes);
        for (; cells == 0 && stream < streams; stream++)
            cells = reader.Count("cells", CellBytes);
        long cellsStart = reader.Offset;
        for (int cell = 0; cell < cells; cell++)
        {
            Require(reader.Int32() >= 0, "a cell has a negative position");
            Require(reader.UInt32() == 1, "a cell belongs to more than one sequence, or has a position of several dimensions");
            reader.UInt32(); // the sequence
        }

        Require(reader.UInt32() == 0, "the values are stored by channel (flash attention is off)");
        int layers = reader.Count("layers", SectionHeader);
        Require(layers is > 0 and <= MaximumLayers, "the state has no layers, or more than any model");
        Section[] sections = new Section[2 * layers];
        for (int i = 0; i < sections.Length; i++)
        {
            int type = reader.Int32();
            Require(RowCodec.Knows(type), "keys or values are of a type that no cache has");
            ulong rowBytes = reader.UInt64();
            Require(rowBytes is > 0 and <= MaximumRowBytes, "a row has no bytes, or more than any model");
            sections[i] = new Section(reader.Offset, (int)rowBytes, (KvCacheType)type);
            Require((int)rowBytes % RowCodec.Of((KvCacheType)type).BlockBytes == 0, "a row ends in the middle of a block");
            reader.Skip((long)rowBytes * cells);
        }

        for (; stream < streams; stream++)
            Require(reader.UInt32() == 0, "the state has cells in more than one stream");
        return new SequenceState(buffer, cellsStart, cells, sections, reader.Offset);
    }

    /// <summary>
    /// Whether the cells come in the order of their positions, as they do unless cells in the middle were freed and filled again.
    /// </summary>
    public bool IsInTimeOrder()
    {
        for (int cell = 1; cell < CellCount; cell++)
        {
            if (Position(cell) <= Position(cell - 1))
                return false;
        }

        return true;
    }

    /// <summary>Puts the cells into the order of their positions.</summary>
    public void SortByPosition()
    {
        if (IsInTimeOrder())
            return;
        int[] order = [.. Enumerable.Range(0, CellCount)];
        Array.Sort([.. order.Select(Position)], order);
        byte[] row = new byte[Math.Max(CellBytes, _sections.Max(static section => section.RowBytes))];
        bool[] inPlace = new bool[CellCount];
        Reorder(_buffer.Slice(_cells, CellCount * CellBytes), order, row.AsSpan(0, CellBytes), inPlace);
        foreach (Section section in _sections)
            Reorder(Rows(section), order, row.AsSpan(0, section.RowBytes), inPlace);
    }

    /// <summary>The bytes that some cells add to a state.</summary>
    public static long BytesOf(CacheGeometry geometry, int cells) => cells * (geometry.BytesPerCell + CellBytes);

    /// <summary>
    /// Makes room for more rows in every layer, whose contents are undefined. <see cref="StateBuffer.Reserve"/> must have made room for
    /// them.
    /// </summary>
    /// <param name="rows">Rows from now on; nothing happens where there are as many.</param>
    public void Extend(int rows)
    {
        if (rows <= CellCount)
            return;
        long end = _cells + ((long)rows * CellBytes) + TransposedAndLayers, streamsAfter = EndOf(_sections[^1]);
        long[] offsets = new long[_sections.Length];
        for (int i = 0; i < _sections.Length; i++)
        {
            offsets[i] = end + SectionHeader;
            end = offsets[i] + ((long)rows * _sections[i].RowBytes);
        }

        // Back to front, so that nothing is overwritten before it has moved.
        _buffer.Resize(end + _after);
        _buffer.Move(streamsAfter, end, _after);
        for (int i = _sections.Length - 1; i >= 0; i--)
        {
            Section section = _sections[i];
            _buffer.Move(section.Offset - SectionHeader, offsets[i] - SectionHeader, SectionHeader + (CellCount * section.RowBytes));
            _sections[i] = section with { Offset = offsets[i] };
        }

        _buffer.Move(_cells + ((long)CellCount * CellBytes), _cells + ((long)rows * CellBytes), TransposedAndLayers);
        for (int cell = CellCount; cell < rows; cell++)
            _buffer.Move(_cells, _cells + ((long)cell * CellBytes), CellBytes); // its position is written by Truncate
        CellCount = rows;
    }

    /// <summary>Cuts the state to the first rows of every layer and gives their cells new positions.</summary>
    /// <param name="positions">One position for each row kept, ascending.</param>
    public void Truncate(ReadOnlySpan<int> positions)
    {
        int rows = positions.Length;
        ArgumentOutOfRangeException.ThrowIfZero(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, CellCount);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.Slice(_cells - sizeof(int), sizeof(int)), rows);
        for (int row = 0; row < rows; row++)
            BinaryPrimitives.WriteInt32LittleEndian(_buffer.Slice(_cells + ((long)row * CellBytes), 4), positions[row]);

        // Everything after the cells moves forward, front to back, so that nothing is overwritten before it has moved.
        long end = _cells + ((long)rows * CellBytes), streamsAfter = EndOf(_sections[^1]);
        Move(_cells + ((long)CellCount * CellBytes), TransposedAndLayers);
        for (int i = 0; i < _sections.Length; i++)
        {
            Section section = _sections[i];
            Move(section.Offset - SectionHeader, SectionHeader);
            _sections[i] = section with { Offset = end };
            Move(section.Offset, rows * section.RowBytes);
        }

        Move(streamsAfter, _after);
        CellCount = rows;
        _buffer.Resize(end);

        void Move(long from, int length)
        {
            _buffer.Move(from, end, length);
            end += length;
        }
    }

    /// <summary>Takes cells out of the middle.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many; not all there are.</param>
    public void Remove(int first, int count)
    {
        int end = first + count;
        int[] positions = [.. Enumerable.Range(0, CellCount).Where(cell => cell < first || cell >= end).Select(Position)];
        foreach (Section section in _sections)
        {
            long from = section.Offset + ((long)end * section.RowBytes), to = section.Offset + ((long)first * section.RowBytes);
            _buffer.Move(from, to, checked((CellCount - end) * section.RowBytes));
        }

        Truncate(positions);
    }

    private long EndOf(Section section) => section.Offset + ((long)CellCount * section.RowBytes);

    private Span<byte> Rows(Section section) => _buffer.Slice(section.Offset, checked(CellCount * section.RowBytes));

    // Row by row along the circles of the order, each of which ends where the row is wanted that was taken out first: a copy of all rows
    // would be as large as a layer.
    private static void Reorder(Span<byte> rows, int[] order, Span<byte> first, Span<bool> inPlace)
    {
        int bytes = first.Length;
        inPlace.Clear();
        for (int start = 0; start < order.Length; start++)
        {
            if (inPlace[start])
                continue;
            rows.Slice(start * bytes, bytes).CopyTo(first);
            int row = start;
            for (; order[row] != start; row = order[row])
            {
                rows.Slice(order[row] * bytes, bytes).CopyTo(rows[(row * bytes)..]);
                inPlace[row] = true;
            }

            first.CopyTo(rows[(row * bytes)..]);
            inPlace[row] = true;
        }
    }

    // Takes no interpolated text: that would be made for every cell that is as it should be.
    private static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new InvalidDataException(problem);
    }

    /// <summary>Where one layer's keys or values lie.</summary>
    private readonly record struct Section(long Offset, int RowBytes, KvCacheType Type)
    {
        public int Row => RowCodec.Of(Type).ElementsOf(RowBytes);
    }

    private sealed class Reader(StateBuffer buffer, long start)
    {
        public long Offset { get; private set; } = start;

        public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

        public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

        public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

        /// <summary>A number of things that take at least some bytes each: no more than the buffer can hold.</summary>
        public int Count(string what, int bytesEach)
        {
            uint count = UInt32();
            return count <= (buffer.Length - Offset) / bytesEach
                ? (int)count
                : throw new InvalidDataException($"the state says it has {count} {what}, more than its bytes can hold");
        }

        public void Skip(long bytes)
        {
            if (bytes > buffer.Length - Offset)
                throw new InvalidDataException($"the state ends too soon: {bytes} bytes are announced at {Offset} of {buffer.Length}");
            Offset += bytes;
        }

        private Span<byte> Take(int bytes)
        {
            long at = Offset;
            Skip(bytes);
            return buffer.Slice(at, bytes);
        }
    }
}
