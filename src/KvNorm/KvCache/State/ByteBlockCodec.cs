using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KvNorm.KvCache.State;

/// <summary>q8_0: blocks of a scale (f16) and 32 signed bytes; an element is its byte times the scale.</summary>
internal sealed class ByteBlockCodec : RowCodec
{
    private const int Length = 32, ScaleBytes = 2, Largest = sbyte.MaxValue;

    public override int BlockLength => Length;

    public override int BlockBytes => ScaleBytes + Length;

    public override void Decode(ReadOnlySpan<byte> bytes, Span<float> elements)
    {
        for (; !bytes.IsEmpty; bytes = bytes[BlockBytes..], elements = elements[Length..])
        {
            var scale = Vector128.Create((float)MemoryMarshal.Read<Half>(bytes));
            ReadOnlySpan<sbyte> quants = MemoryMarshal.Cast<byte, sbyte>(bytes.Slice(ScaleBytes, Length));
            for (int i = 0; i < Length; i += Vector128<sbyte>.Count)
            {
                (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.Create(quants[i..]));
                Scale(low, scale, elements[i..]);
                Scale(high, scale, elements[(i + Vector128<short>.Count)..]);
            }
        }
    }

    public override void Encode(ReadOnlySpan<float> elements, Span<byte> bytes)
    {
        Span<float> scaled = stackalloc float[Length];
        for (; !elements.IsEmpty; elements = elements[Length..], bytes = bytes[BlockBytes..])
        {
            float scale = MathF.Abs(TensorPrimitives.MaxMagnitude(elements[..Length])) / Largest;
            MemoryMarshal.Write(bytes, (Half)scale);
            TensorPrimitives.Multiply(elements[..Length], scale == 0 ? 0 : 1 / scale, scaled);
            TensorPrimitives.Round<float>(scaled, MidpointRounding.AwayFromZero, scaled);
            for (int i = 0; i < Length; i++)
                bytes[ScaleBytes + i] = unchecked((byte)(sbyte)scaled[i]); // what is no number becomes 0
        }
    }

    private static void Scale(Vector128<short> quants, Vector128<float> scale, Span<float> elements)
    {
        (Vector128<int> low, Vector128<int> high) = Vector128.Widen(quants);
        (Vector128.ConvertToSingle(low) * scale).CopyTo(elements);
        (Vector128.ConvertToSingle(high) * scale).CopyTo(elements[Vector128<float>.Count..]);
    }
}
