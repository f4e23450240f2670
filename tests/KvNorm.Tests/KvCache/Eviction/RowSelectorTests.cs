using FsCheck.Xunit;
using KvNorm.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class RowSelectorTests
{
    private static readonly float[] Values = [0, 1, 2, 2.5f, -1, float.NaN, float.NegativeInfinity, RowSelector.Pinned, 100, -0f, -1.5f];

    [Property(MaxTest = 200)]
    public void SelectTop_AnyScores_KeepsTheBestInTimeOrder(int seed)
    {
        Random random = new(seed);
        float[] scores = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => Values[random.Next(Values.Length)])];
        int[] kept = new int[random.Next(1, scores.Length + 1)];
        int[] expected = [.. Enumerable.Range(0, scores.Length)
            // stable: of equals the earliest first
            .OrderByDescending(row => float.IsNaN(scores[row]) ? float.NegativeInfinity : scores[row])
            .Take(kept.Length)
            .Order()];
        RowSelector.SelectTop(scores, kept);
        Assert.Equal(expected, kept);
    }

    [Property(MaxTest = 50)]
    public void SelectTop_ScoresOfAllSizes_KeepsTheBest(int seed)
    {
        Random random = new(seed);
        float[] scores =
            [.. Enumerable.Range(0, 300).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-40, 38))))];
        int[] kept = new int[random.Next(1, 300)];
        int[] expected = [.. Enumerable.Range(0, 300).OrderByDescending(row => scores[row]).Take(kept.Length).Order()];
        RowSelector.SelectTop(scores, kept);
        Assert.Equal(expected, kept);
    }

    [Fact]
    public void SelectTop_PinnedRows_StayWhateverTheOthersHave()
    {
        int[] kept = new int[3];
        RowSelector.SelectTop([float.MaxValue, RowSelector.Pinned, float.MaxValue, 3, RowSelector.Pinned], kept);
        Assert.Equal([0, 1, 4], kept);
    }

    [Fact]
    public void SelectTop_NaN_GoesFirst()
    {
        int[] kept = new int[2];
        RowSelector.SelectTop([float.NaN, float.MinValue, float.NaN, -5], kept);
        Assert.Equal([1, 3], kept);
    }
}
