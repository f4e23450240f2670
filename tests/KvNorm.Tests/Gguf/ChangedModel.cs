using System.Buffers.Binary;

namespace KvNorm.Tests.Gguf;

/// <summary>Tiny models whose headers were changed in one place or two, each by its number.</summary>
internal static class ChangedModel
{
    private const int FirstDimension = 3; // of a tensor's fields
    private const int Alignment = 32, TensorCountAt = 8, EntryCountAt = 16;

    private static readonly Lazy<(byte[] File, GgufFields Fields)[]> Sound = new(static () =>
    [
        .. new TinyModelSettings[]
        {
            new(),
            new() { Architecture = "qwen2", Layers = 1 },
            new() { Architecture = "stablelm", RotatedLength = 16 },
            new() { Architecture = "gemma3", Layers = 6 },
            new() { PreTokenizer = "gpt-4o", Layers = 1 },
            new() { YarnFactor = 4, RopeFactors = [.. Enumerable.Repeat(2f, 16)], MarkerType = 4, AddsBegin = true },
        }.Select(static settings => TinyModel.Bytes(settings)).Select(static file => (file, new GgufFields(file))),
    ]);

    private static readonly long[] Numbers =
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 26, 31, 33, 48, 63, 64, 65, 127, 128, 255, 256, 257, 511, 512, 513, 1000, 4096, 65535,
        65536, 1 << 24, int.MaxValue, uint.MaxValue, 1L << 31, 1L << 32, 1L << 40, 1L << 62, long.MaxValue, long.MinValue, -1, -2,
    ];

    private static readonly float[] Reals =
        [0, -0f, 1, -1, 1e-5f, 1e-38f, 1e-45f, 1e10f, 1e38f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0.5f, 1e5f];

    /// <summary>The bytes of a file.</summary>
    /// <param name="number">Which: the same ones for the same number.</param>
    public static byte[] Bytes(int number)
    {
        Random random = new(number);
        (byte[] sound, GgufFields fields) = Sound.Value[random.Next(Sound.Value.Length)];
        byte[] file = [.. sound];
        for (int changes = random.Next(1, 3); changes > 0; changes--)
            ChangeField(file, fields, random);
        return random.Next(20) switch
        {
            0 => file[..random.Next(4, file.Length)],
            1 => Without(file, fields, fields.Entries, EntryCountAt, random),
            2 => Without(file, fields, fields.Tensors, TensorCountAt, random),
            _ => file,
        };
    }

    private static void ChangeField(byte[] file, GgufFields fields, Random random)
    {
        switch (random.Next(40))
        {
            case 0:
                file[random.Next(4, fields.Length)] = (byte)random.Next(256);
                break;
            case 1:
                Write(file.AsSpan(random.Next(2) == 0 ? TensorCountAt : EntryCountAt, sizeof(long)), random);
                break;
            case < 5:
                Write(file.AsSpan(Any(Any(fields.Entries, random), random)), random);
                break;
            case < 10:
                Write(file.AsSpan(Any(Any(fields.Tensors, random)[FirstDimension..], random)), random);
                break;
            default: // mostly the values, behind key and type: the rest is refused at once
                List<Range> entry = Any(fields.Entries, random);
                Write(file.AsSpan(entry[random.Next(GgufFields.FirstValue, entry.Count)]), random);
                break;
        }
    }

    private static void Write(Span<byte> field, Random random)
    {
        if (field.Length == sizeof(float) && random.Next(3) == 0)
            BinaryPrimitives.WriteSingleLittleEndian(field, Any(Reals, random));
        else if (field.Length == sizeof(uint))
            BinaryPrimitives.WriteInt32LittleEndian(field, unchecked((int)Any(Numbers, random)));
        else if (field.Length == sizeof(long))
            BinaryPrimitives.WriteInt64LittleEndian(field, Any(Numbers, random));
        else if (field.Length > 0)
            field[random.Next(field.Length)] = (byte)random.Next(256);
    }

    // The tensors' data must stay where the header says, which is after padding.
    private static byte[] Without(
        byte[] file, GgufFields fields, IReadOnlyList<List<Range>> parts, int countAt, Random random)
    {
        List<Range> part = Any(parts, random);
        int start = part[0].Start.Value, end = part[^1].End.Value, length = fields.Length - (end - start);
        byte[] header = [.. file[..start], .. file[end..fields.Length]];
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(countAt), parts.Count - 1);
        return [.. header, .. new byte[Padding(length)], .. file[(fields.Length + Padding(fields.Length))..]];
    }

    private static int Padding(int length) => (Alignment - (length % Alignment)) % Alignment;

    private static T Any<T>(IReadOnlyList<T> list, Random random) => list[random.Next(list.Count)];
}
