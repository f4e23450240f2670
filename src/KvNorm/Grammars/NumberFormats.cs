namespace KvNorm.Grammars;

/// <summary>The formats of numbers, as OpenAPI and generators for typed languages write them.</summary>
internal static class NumberFormats
{
    /// <summary>The bounds of a format; null for one that says nothing about them.</summary>
    public static (decimal Least, decimal Most)? Bounds(string? format) => format switch
    {
        "int8" => (sbyte.MinValue, sbyte.MaxValue),
        "int16" => (short.MinValue, short.MaxValue),
        "int32" => (int.MinValue, int.MaxValue),
        "int64" => (long.MinValue, long.MaxValue),
        "uint8" => (byte.MinValue, byte.MaxValue),
        "uint16" => (ushort.MinValue, ushort.MaxValue),
        "uint32" => (uint.MinValue, uint.MaxValue),
        "uint64" or "uint" => (ulong.MinValue, ulong.MaxValue),
        _ => null,
    };
}
