using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace KvNorm.KvCache.State;

/// <summary>Floating point numbers of 32 or 16 bits, one after another.</summary>
/// <param name="type">F32, F16 or BF16.</param>
internal sealed class FloatCodec(KvCacheType type) : RowCodec
{
    public override int BlockLength => 1;

    public override int BlockBytes => type == KvCacheType.F32 ? sizeof(float) : sizeof(ushort);

    public override void Decode(ReadOnlySpan<byte> bytes, Span<float> elements)
    {
        switch (type)
        {
            case KvCacheType.F32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(elements);
                break;
            case KvCacheType.F16:
                HalfRows.ToSingle(MemoryMarshal.Cast<byte, Half>(bytes), elements);
                break;
            default:
                ReadOnlySpan<ushort> upper = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (int i = 0; i < upper.Length; i++)
                    elements[i] = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
                break;
        }
    }

    public override void Encode(ReadOnlySpan<float> elements, Span<byte> bytes)
    {
        switch (type)
        {
            case KvCacheType.F32:
                MemoryMarshal.AsBytes(elements).CopyTo(bytes);
                break;
            case KvCacheType.F16:
                TensorPrimitives.ConvertToHalf(elements, MemoryMarshal.Cast<byte, Half>(bytes));
                break;
            default:
                Span<ushort> upper = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (int i = 0; i < elements.Length; i++)
                    upper[i] = UpperHalf(elements[i]);
                break;
        }
    }

    // To the nearest, and to the even one of two that are as near. A NaN stays one.
    private static ushort UpperHalf(float element)
    {
        const uint almostHalf = 0x7FFF, quiet = 0x40;
        uint bits = BitConverter.SingleToUInt32Bits(element);
        return float.IsNaN(element)
            ? (ushort)((bits >> 16) | quiet)
            : (ushort)((bits + almostHalf + ((bits >> 16) & 1)) >> 16);
    }
}
