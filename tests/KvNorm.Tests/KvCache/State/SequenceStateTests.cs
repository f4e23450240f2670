using System.Buffers.Binary;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.KvCache.State;

public sealed class SequenceStateTests
{
    // Offsets after the cells of a state of five cells.
    private const int Transposed = 76, Layers = 80, FirstType = 84, FirstRowBytes = 88;

    [Property(MaxTest = 100)]
    public void Parse_AnyState_GivesItsRowsBack(int seed, PositiveInt cells, PositiveInt layers)
    {
        StateBlob blob = StateBlob.Random(seed, cells.Get, layers.Get);
        using StateBuffer buffer = StateBlob.Buffer(blob.ToBytes());
        SequenceState state = SequenceState.Parse(buffer);
        Assert.Equal(0, state.TrailingBytes);
        AssertEqual(blob, state);
    }

    [Property(MaxTest = 100)]
    public void Truncate_FirstRows_EqualsAStateOfThoseRows(int seed, PositiveInt cells, PositiveInt layers, PositiveInt kept)
    {
        StateBlob blob = StateBlob.Random(seed, cells.Get, layers.Get);
        int rows = 1 + (kept.Get % blob.Cells);
        int[] positions = [.. Enumerable.Range(7, rows)];
        using StateBuffer buffer = StateBlob.Buffer(blob.ToBytes());
        SequenceState state = SequenceState.Parse(buffer);
        state.Truncate(positions);
        StateBlob expected = blob.Take([.. Enumerable.Range(0, rows)], positions);
        Assert.Equal(expected.ToBytes(), buffer.Slice(0, (int)buffer.Length).ToArray());
        AssertEqual(expected, state);
    }

    [Property(MaxTest = 100)]
    public void Extend_MoreRows_EqualsAStateOfThem(int seed, PositiveInt cells, PositiveInt layers, NonNegativeInt more)
    {
        StateBlob blob = StateBlob.Random(seed, cells.Get, layers.Get);
        int rows = blob.Cells + more.Get;
        int[] positions = [.. Enumerable.Range(7, rows)];
        byte[] expected = blob.Take([.. Enumerable.Range(0, rows).Select(row => row % blob.Cells)], positions).ToBytes();
        using StateBuffer buffer = new();
        buffer.Reserve(expected.Length);
        byte[] bytes = blob.ToBytes();
        buffer.Resize(bytes.Length);
        bytes.CopyTo(buffer.Slice(0, bytes.Length));
        SequenceState state = SequenceState.Parse(buffer);
        state.Extend(rows);
        for (int layer = 0; layer < state.LayerCount; layer++)
        {
            Repeat(StateBlob.Halves(state.Keys(layer)), state.KeyRow(layer));
            Repeat(StateBlob.Halves(state.Values(layer)), state.ValueRow(layer));
        }

        state.Truncate(positions);
        Assert.Equal(expected, buffer.Slice(0, (int)buffer.Length).ToArray());

        void Repeat(Span<Half> all, int row)
        {
            for (int i = blob.Cells * row; i < all.Length; i++)
                all[i] = all[i - (blob.Cells * row)];
        }
    }

    [Property(MaxTest = 100)]
    public void Remove_CellsOfTheMiddle_EqualsAStateWithoutThem(int seed, PositiveInt cells)
    {
        StateBlob blob = StateBlob.Random(seed, cells.Get + 1, 3);
        Random random = new(seed);
        int first = random.Next(blob.Cells), count = random.Next(1, Math.Min(cells.Get, blob.Cells - first) + 1);
        int[] left = [.. Enumerable.Range(0, blob.Cells).Where(cell => cell < first || cell >= first + count)];
        using StateBuffer buffer = StateBlob.Buffer(blob.ToBytes());
        SequenceState state = SequenceState.Parse(buffer);
        state.Remove(first, count);
        AssertEqual(blob.Take(left, [.. left.Select(cell => blob.Positions[cell])]), state);
    }

    [Property(MaxTest = 100)]
    public void SortByPosition_AnyOrder_EqualsTheSortedState(int seed, PositiveInt cells)
    {
        StateBlob blob = StateBlob.Random(seed, cells.Get, 2);
        int[] order = [.. Enumerable.Range(0, blob.Cells).OrderBy(cell => blob.Positions[cell])];
        using StateBuffer buffer = StateBlob.Buffer(blob.ToBytes());
        SequenceState state = SequenceState.Parse(buffer);
        Assert.Equal(order.SequenceEqual(Enumerable.Range(0, blob.Cells)), state.IsInTimeOrder());
        state.SortByPosition();
        Assert.True(state.IsInTimeOrder());
        AssertEqual(blob.Take(order, [.. blob.Positions.Order()]), state);
    }

    // It is done at every eviction where cells do not come in the order of time.
    [Fact]
    public void SortByPosition_ManyCells_CopiesNoLayer()
    {
        const int cells = 200, row = 256;
        Half[] elements = new Half[cells * row];
        using StateBuffer buffer = StateBlob.Buffer(new StateBlob
        {
            Positions = [.. Enumerable.Range(0, cells).Reverse()],
            Rows = [(row, row)],
            Keys = [elements],
            Values = [elements],
        }.ToBytes());
        SequenceState state = SequenceState.Parse(buffer);
        long before = GC.GetAllocatedBytesForCurrentThread();
        state.SortByPosition();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, cells * row); // half of a layer's keys
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public void Truncate_NoSuchRows_Throws(int rows)
    {
        using StateBuffer buffer = StateBlob.Buffer(StateBlob.Random(1, 5, 2).ToBytes());
        SequenceState state = SequenceState.Parse(buffer);
        Assert.Throws<ArgumentOutOfRangeException>(() => state.Truncate(new int[rows]));
    }

    [Theory]
    [InlineData("magic", 0, 0xaf143cd9L)]
    [InlineData("no stream", 8, 0L)]
    [InlineData("two streams", 8, 2L)]
    [InlineData("a cell too many", 12, 6L)]
    [InlineData("a cell too few", 12, 4L)]
    [InlineData("no cells", 12, 0L)]
    [InlineData("endless cells", 12, 0xFFFFFFFFL)]
    [InlineData("negative position", 16, 0xFFFFFFFFL)]
    [InlineData("cell of no sequence", 20, 0L)]
    [InlineData("cell of two sequences", 32, 2L)]
    [InlineData("values by channel", Transposed, 1L)]
    [InlineData("no layers", Layers, 0L)]
    [InlineData("a layer too many", Layers, 3L)]
    [InlineData("endless layers", Layers, 0xFFFFFFFFL)]
    [InlineData("keys of no such type", FirstType, 4L)]
    [InlineData("less than a block", FirstType, 8L)]
    [InlineData("weights' type", FirstType, 12L)]
    [InlineData("empty rows", FirstRowBytes, 0L)]
    [InlineData("odd rows", FirstRowBytes, 3L)]
    [InlineData("rows beyond the end", FirstRowBytes, 100_000L)]
    [InlineData("endless rows", FirstRowBytes + 4, 0x7FFFFFFFL)]
    public void Parse_DamagedField_Throws(string damage, int offset, long value)
    {
        byte[] bytes = StateBlob.Random(1, 5, 2).ToBytes();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), (uint)value);
        using StateBuffer buffer = StateBlob.Buffer(bytes);
        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => SequenceState.Parse(buffer));
        Assert.True(exception.Message.Length > 10, damage);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 2)]
    [InlineData(0, 2)]
    public void Parse_AnyBeginning_Throws(int cells, int layers)
    {
        byte[] bytes = StateBlob.Random(3, cells, layers).ToBytes();
        for (int length = 0; length < bytes.Length; length++)
        {
            using StateBuffer buffer = StateBlob.Buffer(bytes.AsSpan(0, length));
            Assert.Throws<InvalidDataException>(() => SequenceState.Parse(buffer));
        }
    }

    [Property(MaxTest = 100)]
    public void Parse_FlippedBits_ThrowsInvalidDataOrReads(int seed, PositiveInt cells, PositiveInt flips)
    {
        byte[] bytes = StateBlob.Random(seed, cells.Get, 2).ToBytes();
        Random random = new(seed);
        int header = StateBlob.CellsOffset + (StateBlob.CellBytes * cells.Get) + 20; // most flips hit fields, not rows
        for (int i = 0; i < flips.Get % 5 + 1; i++)
            bytes[random.Next(random.Next(4) > 0 ? header : bytes.Length)] ^= (byte)(1 << random.Next(8));
        using StateBuffer buffer = StateBlob.Buffer(bytes);
        Exception? exception = Record.Exception(() => Touch(SequenceState.Parse(buffer)));
        Assert.True(exception is null or InvalidDataException, exception?.ToString());
    }

    [Fact]
    public void Parse_BytesAfterTheLastLayer_AreCounted()
    {
        using StateBuffer buffer = StateBlob.Buffer([.. StateBlob.Random(1, 5, 2).ToBytes(), 1, 2, 3]);
        Assert.Equal(3, SequenceState.Parse(buffer).TrailingBytes);
    }

    [Fact]
    public void Parse_StateOfTheEmbeddedModel_HasItsGeometry()
    {
        LlamaModel model = EmbeddedModel.Model;
        using LlamaContext context = new(model, new LlamaContextSettings(256, 16, 1));
        using StateBuffer buffer = new();
        context.Sequences[0].Decode([1, 2, 3, 4, 5], 0, logits: false);
        context.Sequences[0].ReadState(buffer);
        SequenceState state = SequenceState.Parse(buffer);
        Assert.Equal((5, 30, 0L), (state.CellCount, state.LayerCount, state.TrailingBytes));
        Assert.All(Enumerable.Range(0, 30), layer => Assert.Equal((192, 192), (state.KeyRow(layer), state.ValueRow(layer))));
        Assert.Equal([0, 1, 2, 3, 4], Enumerable.Range(0, 5).Select(state.Position));
        CacheGeometry geometry = CacheGeometry.Of(state, model.KeyLength, model.ValueLength);
        Assert.Equal((23_040L, 90), (geometry.BytesPerCell, geometry.HeadCount));
    }

    [Fact]
    public void SortByPosition_RefilledHoles_RestoresTheOrderOfTime()
    {
        using LlamaModel model = TinyModel.Load();
        using LlamaContext context = new(model, new LlamaContextSettings(256, 16, 1));
        using StateBuffer buffer = new();
        context.Sequences[0].Decode([.. Enumerable.Range(0, 10)], 0, logits: false);
        context.Sequences[0].Remove(3, 6);
        context.Sequences[0].Decode([20, 21], 10, logits: false);
        context.Sequences[0].ReadState(buffer);
        SequenceState state = SequenceState.Parse(buffer);
        Assert.False(state.IsInTimeOrder()); // the holes were filled from the lowest on
        state.SortByPosition();
        Assert.Equal([0, 1, 2, 6, 7, 8, 9, 10, 11], Enumerable.Range(0, state.CellCount).Select(state.Position));
    }

    private static void AssertEqual(StateBlob expected, SequenceState state)
    {
        Assert.Equal((expected.Cells, expected.Rows.Length), (state.CellCount, state.LayerCount));
        Assert.Equal(expected.Positions, Enumerable.Range(0, state.CellCount).Select(state.Position));
        for (int layer = 0; layer < state.LayerCount; layer++)
        {
            Assert.Equal(expected.Rows[layer], (state.KeyRow(layer), state.ValueRow(layer)));
            Assert.Equal(expected.Keys[layer], StateBlob.Halves(state.Keys(layer)).ToArray());
            Assert.Equal(expected.Values[layer], StateBlob.Halves(state.Values(layer)).ToArray());
        }
    }

    private static void Touch(SequenceState state)
    {
        state.SortByPosition();
        for (int layer = 0; layer < state.LayerCount; layer++)
        {
            Assert.Equal(state.CellCount * RowCodec.Of(state.KeyType(layer)).BytesOf(state.KeyRow(layer)), state.Keys(layer).Length);
            Assert.Equal(state.CellCount * RowCodec.Of(state.ValueType(layer)).BytesOf(state.ValueRow(layer)), state.Values(layer).Length);
        }
    }
}
