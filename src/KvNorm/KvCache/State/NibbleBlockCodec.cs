using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KvNorm.KvCache.State;

/// <summary>
/// q4_0, q4_1, q5_0 and q5_1: blocks of 32 elements, each a number of 4 or 5 bits. A block is its scale (f16), its minimum (f16) where it
/// has one, the fifth bits (32 bits, the first element's lowest) where there are any, and 16 bytes with the lower four bits of element i in
/// the lower half of byte i and of element 16 + i in the upper. An element is its number times the scale plus the minimum; without one the
/// numbers are counted from the middle of their range.
/// </summary>
internal sealed class NibbleBlockCodec(int bits, bool hasMinimum) : RowCodec
{
    private const int Length = 32, HalfLength = Length / 2, HalfBytes = 2;

    private readonly int _fifthAt = hasMinimum ? 2 * HalfBytes : HalfBytes;
    private readonly int _nibblesAt = (hasMinimum ? 2 * HalfBytes : HalfBytes) + (bits > 4 ? sizeof(uint) : 0);
    private readonly int _largest = (1 << bits) - 1;
    private readonly int _zero = hasMinimum ? 0 : 1 << (bits - 1); // the number that stands for 0

    public override int BlockLength => Length;

    public override int BlockBytes => _nibblesAt + HalfLength;

    public override void Decode(ReadOnlySpan<byte> bytes, Span<float> elements)
    {
        for (; !bytes.IsEmpty; bytes = bytes[BlockBytes..], elements = elements[Length..])
        {
            var scale = Vector128.Create((float)MemoryMarshal.Read<Half>(bytes));
            var minimum = Vector128.Create(hasMinimum ? (float)MemoryMarshal.Read<Half>(bytes[HalfBytes..]) : 0);
            Vector128<byte> nibbles = Vector128.Create(bytes.Slice(_nibblesAt, HalfLength));
            Vector128<byte> first = nibbles & Vector128.Create((byte)0xF), second = nibbles >>> 4;
            if (bits > 4)
            {
                first |= FifthBits(bytes[_fifthAt], bytes[_fifthAt + 1]);
                second |= FifthBits(bytes[_fifthAt + 2], bytes[_fifthAt + 3]);
            }

            Scale(first, scale, minimum, elements);
            Scale(second, scale, minimum, elements[HalfLength..]);
        }
    }

    public override void Encode(ReadOnlySpan<float> elements, Span<byte> bytes)
    {
        for (; !elements.IsEmpty; elements = elements[Length..], bytes = bytes[BlockBytes..])
        {
            ReadOnlySpan<float> block = elements[..Length];
            float minimum = hasMinimum ? TensorPrimitives.Min(block) : 0;
            float scale = hasMinimum
                ? (TensorPrimitives.Max(block) - minimum) / _largest
                : TensorPrimitives.MaxMagnitude(block) / -_zero; // so that the largest is said exactly: there is one more number below 0
            MemoryMarshal.Write(bytes, (Half)scale);
            if (hasMinimum)
                MemoryMarshal.Write(bytes[HalfBytes..], (Half)minimum);
            Pack(block, minimum, scale == 0 ? 0 : 1 / scale, bytes);
        }
    }

    private void Pack(ReadOnlySpan<float> block, float minimum, float inverse, Span<byte> bytes)
    {
        uint fifth = 0;
        for (int i = 0; i < HalfLength; i++)
        {
            uint first = Number(block[i], minimum, inverse), second = Number(block[HalfLength + i], minimum, inverse);
            bytes[_nibblesAt + i] = (byte)((first & 0xF) | ((second & 0xF) << 4));
            fifth |= (first >> 4 << i) | (second >> 4 << (HalfLength + i));
        }

        if (bits > 4)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[_fifthAt..], fifth);
    }

    // The nearest; what is no number becomes one, too.
    private uint Number(float element, float minimum, float inverse) =>
        (uint)Math.Clamp(unchecked((int)(((element - minimum) * inverse) + _zero + 0.5f)), 0, _largest);

    // 16 elements' fifth bits, each where it belongs in its byte.
    private static Vector128<byte> FifthBits(byte low, byte high)
    {
        Vector128<byte> which = Vector128.Create(1UL | (2UL << 8) | (4UL << 16) | (8UL << 24) | (16UL << 32) | (32UL << 40)
            | (64UL << 48) | (128UL << 56)).AsByte();
        Vector128<byte> given = Vector128.Create(Vector64.Create(low), Vector64.Create(high));
        return Vector128.Equals(given & which, which) & Vector128.Create((byte)0x10);
    }

    private void Scale(Vector128<byte> numbers, Vector128<float> scale, Vector128<float> minimum, Span<float> elements)
    {
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(numbers);
        Scale(low, scale, minimum, elements);
        Scale(high, scale, minimum, elements[Vector128<ushort>.Count..]);
    }

    private void Scale(Vector128<ushort> numbers, Vector128<float> scale, Vector128<float> minimum, Span<float> elements)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(numbers);
        Vector128<int> zero = Vector128.Create(_zero);
        ((Vector128.ConvertToSingle(low.AsInt32() - zero) * scale) + minimum).CopyTo(elements);
        ((Vector128.ConvertToSingle(high.AsInt32() - zero) * scale) + minimum).CopyTo(elements[Vector128<float>.Count..]);
    }
}
