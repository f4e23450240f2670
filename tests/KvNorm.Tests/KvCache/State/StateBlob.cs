using System.Runtime.InteropServices;
using KvNorm.Runtime;

namespace KvNorm.Tests.KvCache.State;

/// <summary>A sequence state as llama.cpp writes it, from arrays: what SequenceState must read.</summary>
internal sealed record StateBlob
{
    public const int CellsOffset = 16;
    public const int CellBytes = 12;

    /// <summary>One position per cell.</summary>
    public required int[] Positions { get; init; }

    /// <summary>Per layer (cells, row), row-major.</summary>
    public required Half[][] Keys { get; init; }

    /// <summary>Per layer (cells, row), row-major.</summary>
    public required Half[][] Values { get; init; }

    /// <summary>Halves of a row, per layer: key and value.</summary>
    public required (int Key, int Value)[] Rows { get; init; }

    public int Cells => Positions.Length;

    /// <summary>Where the words after the cells begin: transposed, layers, then the first section.</summary>
    public int TransposedOffset => CellsOffset + (Cells * CellBytes);

    public static StateBlob Random(int seed, int cells, int layers)
    {
        Random random = new(seed);
        (int Key, int Value)[] rows = [.. Enumerable.Range(0, layers).Select(_ => (random.Next(1, 9), random.Next(1, 9)))];
        int[] positions = [.. Enumerable.Range(0, 3 * cells)];
        random.Shuffle(positions);
        Half[] Elements(int row) => [.. Enumerable.Range(0, row * cells).Select(_ => (Half)random.Next(-1000, 1000))];
        return new StateBlob
        {
            Positions = positions[..cells],
            Rows = rows,
            Keys = [.. rows.Select(row => Elements(row.Key))],
            Values = [.. rows.Select(row => Elements(row.Value))],
        };
    }

    /// <summary>The cells named, in that order, at these positions.</summary>
    public StateBlob Take(int[] cells, int[] positions) => this with
    {
        Positions = positions,
        Keys = [.. Keys.Select((keys, layer) => Gather(keys, Rows[layer].Key, cells))],
        Values = [.. Values.Select((values, layer) => Gather(values, Rows[layer].Value, cells))],
    };

    public byte[] ToBytes()
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(0xaf143cd8);
        writer.Write(0);
        writer.Write(1u);
        writer.Write((uint)Cells);
        foreach (int position in Positions)
        {
            writer.Write(position);
            writer.Write(1u);
            writer.Write(0);
        }

        writer.Write(0u);
        writer.Write((uint)Rows.Length);
        for (int layer = 0; layer < Rows.Length; layer++)
            WriteSection(writer, Rows[layer].Key, Keys[layer]);
        for (int layer = 0; layer < Rows.Length; layer++)
            WriteSection(writer, Rows[layer].Value, Values[layer]);
        return stream.ToArray();
    }

    /// <summary>Rows of f16.</summary>
    public static Span<Half> Halves(Span<byte> rows) => MemoryMarshal.Cast<byte, Half>(rows);

    public static StateBuffer Buffer(ReadOnlySpan<byte> bytes)
    {
        StateBuffer buffer = new();
        buffer.Resize(bytes.Length);
        bytes.CopyTo(buffer.Slice(0, bytes.Length));
        return buffer;
    }

    private static Half[] Gather(Half[] rows, int length, int[] cells) =>
        [.. cells.SelectMany(cell => rows.AsSpan(cell * length, length).ToArray())];

    private static void WriteSection(BinaryWriter writer, int row, Half[] data)
    {
        writer.Write(1);
        writer.Write((ulong)(row * 2));
        writer.Write(MemoryMarshal.AsBytes(data.AsSpan()));
    }
}
