using FsCheck.Xunit;
using KvNorm.KvCache.Slots;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class ScorerStatisticsFormatTests
{
    [Property(MaxTest = 50)]
    public void Read_WhatWasWritten_IsTheSame(int seed)
    {
        Random random = new(seed);
        double[][] heads = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Numbers(random.Next(20)))];
        Assert.Equal(heads, Read(Bytes(new ScorerStatistics(heads)), heads.Length)!.Heads);

        double[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
    }

    [Fact]
    public void Read_None_IsNull() => Assert.Null(Read(Bytes(null), 3));

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void Read_OtherHeads_Throws(int heads) =>
        Assert.Throws<InvalidDataException>(() => Read([.. BitConverter.GetBytes(heads), .. new byte[64]], 3));

    [Theory]
    [InlineData(-1)]
    [InlineData(ScorerStatistics.MaximumNumbers + 1)]
    public void Read_CountThatIsNone_Throws(int count) =>
        Assert.Throws<InvalidDataException>(() => Read([.. BitConverter.GetBytes(1), .. BitConverter.GetBytes(count)], 1));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Read_NoFiniteNumber_Throws(double number)
    {
        byte[] bytes = Bytes(new ScorerStatistics([[1, 2]]));
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - sizeof(double)), number);
        Assert.Throws<InvalidDataException>(() => Read(bytes, 1));
    }

    // Else the whole conversation could not be loaded any more.
    [Fact]
    public void Write_NoFiniteNumber_WritesNone() =>
        Assert.Null(Read(Bytes(new ScorerStatistics([[1], [double.NegativeInfinity]])), 2));

    [Fact]
    public void Read_EndsTooSoon_Throws()
    {
        byte[] bytes = Bytes(new ScorerStatistics([[1, 2], [3]]));
        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<EndOfStreamException>(() => Read(bytes[..length], 2));
    }

    private static byte[] Bytes(ScorerStatistics? statistics)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        ScorerStatisticsFormat.Write(writer, statistics);
        return stream.ToArray();
    }

    private static ScorerStatistics? Read(byte[] bytes, int heads)
    {
        using BinaryReader reader = new(new MemoryStream(bytes));
        return ScorerStatisticsFormat.Read(reader, heads);
    }
}
