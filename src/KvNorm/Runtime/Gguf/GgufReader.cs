using System.Buffers.Binary;
using System.Text;

namespace KvNorm.Runtime.Gguf;

/// <summary>
/// Reads what a GGUF header is made of, little endian. Files come from strangers: nothing is taken, and nothing allocated, that the rest of
/// the file cannot hold.
/// </summary>
/// <param name="file">The file; must seek.</param>
/// <param name="path">How messages name it.</param>
internal sealed class GgufReader(Stream file, string path)
{
    private const int MaximumText = 1024; // bytes of a text that anything may be decided by
    private const int MaximumNumbers = 4096; // elements of an array that has one for each layer

    private readonly long _length = file.Length;
    private readonly byte[] _bytes = new byte[MaximumText];

    public long Position => file.Position;

    public long Length => _length;

    private long Remaining => _length - file.Position;

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    /// <summary>A number of things that follow.</summary>
    /// <param name="what">What they are.</param>
    /// <param name="minimumBytes">The fewest bytes that one can take.</param>
    public long ReadCount(string what, int minimumBytes)
    {
        ulong count = ReadUInt64();
        return count <= (ulong)(Remaining / minimumBytes)
            ? (long)count
            : throw Refuse($"it announces {count} {what}, more than the rest of it can hold");
    }

    /// <summary>A key or a name, which says something of its own only if it is short.</summary>
    /// <param name="what">What it is.</param>
    /// <param name="maximum">The maximum of bytes.</param>
    public string ReadName(string what, int maximum)
    {
        long length = ReadCount($"bytes of {what}", 1);
        return length > 0 && length <= maximum
            ? Encoding.UTF8.GetString(Take((int)length))
            : throw Refuse($"{what} has {length} bytes; 1 to {maximum} are possible");
    }

    /// <summary>A value.</summary>
    /// <param name="findsRepeated">Whether to look for a text that stands more than once in an array.</param>
    public GgufValue ReadValue(bool findsRepeated)
    {
        GgufType type = (GgufType)ReadUInt32();
        return type switch
        {
            GgufType.Array => ReadArray(findsRepeated),
            GgufType.String => new GgufValue(type, null, [], ReadText(), null),
            _ => new GgufValue(type, null, [ReadNumber(type)], null, null),
        };
    }

    /// <summary>The exception that says what is wrong with the file.</summary>
    public InvalidDataException Refuse(string reason) => new($"The model file '{path}' cannot be used: {reason}.");

    private GgufValue ReadArray(bool findsRepeated)
    {
        GgufType type = (GgufType)ReadUInt32();
        int bytes = type == GgufType.String ? sizeof(ulong) : SizeOf(type); // arrays of arrays are none
        long count = ReadCount("elements of an array", bytes);
        if (type == GgufType.String)
            return new GgufValue(type, count, [], null, PassTexts(count, findsRepeated));
        if (count > MaximumNumbers)
        {
            Skip(count * bytes);
            return new GgufValue(type, count, [], null, null);
        }

        double[] numbers = new double[count];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = ReadNumber(type);
        return new GgufValue(type, count, numbers, null, null);
    }

    private string? PassTexts(long count, bool findsRepeated)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        string? repeated = null;
        for (long i = 0; i < count; i++)
        {
            if (!findsRepeated)
                Skip(ReadCount("bytes of text", 1));
            else if (ReadText() is { Length: > 0 } text && !seen.Add(text))
                repeated ??= text;
        }

        return repeated;
    }

    // By bytes, not letters: those of a vocabulary need be no UTF-8.
    private string? ReadText()
    {
        long length = ReadCount("bytes of text", 1);
        if (length <= MaximumText)
            return Encoding.Latin1.GetString(Take((int)length));
        Skip(length);
        return null;
    }

    private double ReadNumber(GgufType type)
    {
        ReadOnlySpan<byte> bytes = Take(SizeOf(type));
        return type switch
        {
            GgufType.UInt8 or GgufType.Bool => bytes[0],
            GgufType.Int8 => unchecked((sbyte)bytes[0]),
            GgufType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            GgufType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            GgufType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            GgufType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            GgufType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            GgufType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            GgufType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            _ => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        };
    }

    private int SizeOf(GgufType type) => type switch
    {
        GgufType.UInt8 or GgufType.Int8 or GgufType.Bool => sizeof(byte),
        GgufType.UInt16 or GgufType.Int16 => sizeof(ushort),
        GgufType.UInt32 or GgufType.Int32 or GgufType.Float32 => sizeof(uint),
        GgufType.UInt64 or GgufType.Int64 or GgufType.Float64 => sizeof(ulong),
        _ => throw Refuse($"there is no type {(uint)type} of a value"),
    };

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > Remaining)
            throw Refuse("it ends inside its header; download it again");
        file.ReadExactly(_bytes, 0, length);
        return _bytes.AsSpan(0, length);
    }

    private void Skip(long length) => file.Position += length;
}
