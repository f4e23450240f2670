using FsCheck.Xunit;
using KvNorm.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class FiniteScoresTests
{
    private static readonly float[] Values =
        [0, 1, -1, 2.5f, float.MaxValue, float.MinValue, float.Epsilon, float.NaN, float.PositiveInfinity, float.NegativeInfinity];

    [Property(MaxTest = 300)]
    public void Ensure_AnyScores_AreFiniteInTheSameOrder(int seed)
    {
        Random random = new(seed);
        float[] scores = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => Values[random.Next(Values.Length)])], before = [.. scores];
        FiniteScores.Ensure(scores);
        Assert.All(scores, static score => Assert.True(float.IsFinite(score)));
        for (int i = 0; i < scores.Length; i++)
        {
            if (float.IsFinite(before[i]))
                Assert.Equal(before[i], scores[i]);
            for (int j = 0; j < scores.Length; j++)
                Assert.True(Rank(before[i]) >= Rank(before[j]) || scores[i] <= scores[j], $"{before[i]} and {before[j]}");
        }
    }

    [Fact]
    public void Ensure_NotANumber_IsBelowAllOthers()
    {
        float[] scores = [3, float.NaN, -5];
        FiniteScores.Ensure(scores);
        Assert.True(scores[1] < -5);
    }

    [Fact]
    public void Ensure_PositiveInfinity_IsAboveAllOthers()
    {
        float[] scores = [3, float.PositiveInfinity, float.NegativeInfinity];
        FiniteScores.Ensure(scores);
        Assert.True(scores[1] > 3 && scores[2] < 3);
    }

    // NaN and negative infinity below everything, positive infinity above.
    private static double Rank(float score) => float.IsNaN(score) ? double.NegativeInfinity : score;
}
