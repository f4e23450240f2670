using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using FsCheck.Xunit;
using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.Tests.KvCache.State;

/// <summary>Every type, held against ggml's own reading and writing of it.</summary>
public sealed class RowCodecTests
{
    private const int Length = 256;

    /// <summary>Every type with the largest share of a row's length that it may lose, and ggml's name.</summary>
    public static TheoryData<KvCacheType, double, string> Types => new()
    {
        { KvCacheType.F32, 0, "" },
        { KvCacheType.F16, 0.0005, "fp16" },
        { KvCacheType.BF16, 0.004, "bf16" },
        { KvCacheType.Q8_0, 0.01, "q8_0" },
        { KvCacheType.Q5_1, 0.05, "q5_1" },
        { KvCacheType.Q5_0, 0.06, "q5_0" },
        { KvCacheType.Q4_1, 0.1, "q4_1" },
        { KvCacheType.Q4_0, 0.12, "q4_0" },
    };

    private delegate void ReadRow(nint bytes, nint elements, long count);

    [Theory]
    [MemberData(nameof(Types))]
    public void Decode_WhatWasEncoded_IsWithinTheTypesRounding(KvCacheType type, double tolerance, string name)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            float[] row = Row(seed), back = Decoded(type, Encoded(type, row));
            Assert.True(
                TensorPrimitives.Distance<float>(row, back) <= tolerance * TensorPrimitives.Norm<float>(row), $"{type} {name} {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Decode_AnyBytesOfAType_IsWhatGgmlReads(KvCacheType type, double tolerance, string name)
    {
        byte[] bytes = Encoded(type, Row(7));
        float[] own = Decoded(type, bytes), theirs = type == KvCacheType.F32 ? Row(7) : GgmlDecoded(name, bytes);
        Assert.True(tolerance >= 0);
        for (int i = 0; i < own.Length; i++)
            Assert.Equal(theirs[i], own[i], 1e-6f * Math.Abs(theirs[i]));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Encode_AnyRow_IsNoWorseThanGgmls(KvCacheType type, double tolerance, string name)
    {
        if (type == KvCacheType.F32)
            return;
        float[] row = Row(11), theirs = GgmlDecoded(name, GgmlEncoded(name, row, RowCodec.Of(type).BytesOf(Length)));
        float[] own = Decoded(type, Encoded(type, row));
        Assert.InRange(TensorPrimitives.Distance<float>(row, own), 0, (1.001 * TensorPrimitives.Distance<float>(row, theirs)) + 1e-6);
        Assert.True(tolerance > 0);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Encode_NumbersThatAreNone_DoNotThrow(KvCacheType type, double tolerance, string name)
    {
        foreach (float odd in new[] { 0, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon })
        {
            float[] row = [.. Enumerable.Repeat(odd, Length / 2), .. Row(1)[..(Length / 2)]];
            float[] back = Decoded(type, Encoded(type, row));
            Assert.True(odd != 0 || back[0] == 0 || tolerance > 0.04, name); // a minimum below 0 need not leave a number for 0
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Of_EveryType_HasItsBytes(KvCacheType type, double tolerance, string name)
    {
        int expected = type switch
        {
            KvCacheType.F32 => 4 * Length,
            KvCacheType.F16 or KvCacheType.BF16 => 2 * Length,
            KvCacheType.Q8_0 => 34 * Length / 32,
            KvCacheType.Q5_1 => 24 * Length / 32,
            KvCacheType.Q5_0 => 22 * Length / 32,
            KvCacheType.Q4_1 => 20 * Length / 32,
            _ => 18 * Length / 32,
        };
        Assert.Equal(expected, RowCodec.Of(type).BytesOf(Length));
        Assert.Equal(Length, RowCodec.Of(type).ElementsOf(expected));
        Assert.True(RowCodec.Knows((int)type) && tolerance >= 0 && name is not null);
    }

    [Property(MaxTest = 50)]
    public void Knows_AnyNumber_IsThatOfAType(int number) => Assert.Equal(Enum.IsDefined((KvCacheType)number), RowCodec.Knows(number));

    private static byte[] Encoded(KvCacheType type, float[] row)
    {
        byte[] bytes = new byte[RowCodec.Of(type).BytesOf(row.Length)];
        RowCodec.Of(type).Encode(row, bytes);
        return bytes;
    }

    private static float[] Decoded(KvCacheType type, byte[] bytes)
    {
        float[] elements = new float[RowCodec.Of(type).ElementsOf(bytes.Length)];
        RowCodec.Of(type).Decode(bytes, elements);
        return elements;
    }

    // Of both signs, unevenly large.
    private static float[] Row(int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, Length).Select(i => (float)((random.NextDouble() - 0.5) * (1 + (i % 7)) + (random.Next(3) * 0.1)))];
    }

    private static float[] GgmlDecoded(string name, byte[] bytes)
    {
        float[] elements = new float[Length];
        string function = name.EndsWith("16", StringComparison.Ordinal) ? $"ggml_{name}_to_fp32_row" : $"dequantize_row_{name}";
        Call(function, bytes, elements);
        return elements;
    }

    private static byte[] GgmlEncoded(string name, float[] row, int length)
    {
        byte[] bytes = new byte[length];
        Call(name.EndsWith("16", StringComparison.Ordinal) ? $"ggml_fp32_to_{name}_row" : $"quantize_row_{name}_ref", row, bytes);
        return bytes;
    }

    private static void Call(string function, Array from, Array to)
    {
        LlamaLibrary.EnsureLoaded();
        nint address = NativeLibrary.GetExport(LlamaImports.LoadedGgmlBase(null), function);
        GCHandle source = GCHandle.Alloc(from, GCHandleType.Pinned), target = GCHandle.Alloc(to, GCHandleType.Pinned);
        Marshal.GetDelegateForFunctionPointer<ReadRow>(address)(source.AddrOfPinnedObject(), target.AddrOfPinnedObject(), Length);
        source.Free();
        target.Free();
    }
}
