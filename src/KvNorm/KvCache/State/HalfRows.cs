using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KvNorm.KvCache.State;

/// <summary>
/// f16 as f32, exactly. TensorPrimitives takes nearly twice as long, and this is the largest part of scoring: every element of the cache
/// passes here, and the queries that are compared with it.
/// </summary>
internal static class HalfRows
{
    private const int FewerMantissaBits = 13; // of f16 than of f32
    private const uint Size = 0x7FFF << FewerMantissaBits; // exponent and mantissa of f16 at their places in f32
    private const int Infinite = 0x7C00 << FewerMantissaBits; // the exponent of infinity and NaN in f16
    private const uint Exponent = 0x7F800000; // the same in f32
    private const uint Sign = 0x80000000;
    private const float Rescale = (float)(1L << 56) * (1L << 56); // 2 to the difference between the zeros of both exponents

    /// <summary>Converts numbers.</summary>
    /// <param name="from">The numbers, (count).</param>
    /// <param name="to">Receives them, (count).</param>
    public static void ToSingle(ReadOnlySpan<Half> from, Span<float> to)
    {
        ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<Half, ushort>(from);
        int i = 0;
        for (; i <= bits.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            (Vector256<uint> first, Vector256<uint> second) = Vector256.Widen(Vector256.Create(bits.Slice(i, Vector256<ushort>.Count)));
            ToSingle(first).CopyTo(to[i..]);
            ToSingle(second).CopyTo(to[(i + Vector256<float>.Count)..]);
        }

        for (; i < from.Length; i++)
            to[i] = (float)from[i];
    }

    // The product also puts right the numbers below f16's normal ones, but not infinity and NaN, which keep their mantissa.
    private static Vector256<float> ToSingle(Vector256<uint> bits)
    {
        Vector256<uint> size = (bits << FewerMantissaBits) & Vector256.Create(Size), sign = (bits << 16) & Vector256.Create(Sign);
        Vector256<int> infinite = Vector256.GreaterThanOrEqual(size.AsInt32(), Vector256.Create(Infinite));
        Vector256<float> number = size.AsSingle() * Rescale;
        return (number.AsUInt32() | sign | (infinite.AsUInt32() & Vector256.Create(Exponent))).AsSingle();
    }
}
