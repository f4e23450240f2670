using KvNorm.KvCache.State;

namespace KvNorm.Tests.KvCache.State;

public sealed class HalfRowsTests
{
    [Fact]
    public void ToSingle_EveryHalf_IsTheCast()
    {
        Half[] halves = [.. Enumerable.Range(0, ushort.MaxValue + 1).Select(static bits => BitConverter.UInt16BitsToHalf((ushort)bits))];
        float[] singles = new float[halves.Length];
        HalfRows.ToSingle(halves, singles);
        for (int i = 0; i < halves.Length; i++)
            AssertSame((float)halves[i], singles[i]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(33)]
    public void ToSingle_AnyCount_WritesThatMany(int count)
    {
        Half[] halves = [.. Enumerable.Range(0, count).Select(static i => (Half)(i - 7.5))];
        float[] singles = [.. Enumerable.Repeat(99f, count + 1)];
        HalfRows.ToSingle(halves, singles);
        Assert.Equal([.. halves.Select(static half => (float)half), 99f], singles);
    }

    private static void AssertSame(float expected, float actual) => Assert.True(
        float.IsNaN(expected) ? float.IsNaN(actual) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual),
        $"{expected} became {actual}");
}
