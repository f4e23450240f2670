using KvNorm.KvCache.Scoring;

namespace KvNorm.Tests.KvCache.Scoring;

public sealed class TokenScoresTests
{
    [Fact]
    public void AddTo_TokensThatComeAndGo_AddsToThoseThatWereThere()
    {
        TokenScores known = new();
        Assert.True(known.IsEmpty);
        known.Set([2, 5, 9], [1, 2, 3]);
        float[] scores = [10, 10, 10, 10];
        known.AddTo([0, 2, 9, 12], scores);
        Assert.Equal([10, 11, 13, 10], scores);
    }

    [Fact]
    public void ToNumbers_MoreThanCanBeKept_AreThoseWithTheHighestScores()
    {
        int[] tokens = [.. Enumerable.Range(0, (ScorerStatistics.MaximumNumbers / 2) + 3)];
        TokenScores known = new();
        known.Set(tokens, [.. tokens.Select(static token => token is 7 or 100 or 5000 ? -1f : 1)]);
        double[] numbers = known.ToNumbers();
        Assert.Equal(ScorerStatistics.MaximumNumbers, numbers.Length);
        float[] scores = new float[3];
        TokenScores.From(numbers).AddTo([6, 7, 8], scores);
        Assert.Equal([1, 0, 1], scores);
    }

    [Fact]
    public void Set_AsManyRowsAsBefore_AllocatesNothing()
    {
        TokenScores known = new();
        int[] tokens = [.. Enumerable.Range(0, 1000)];
        float[] scores = new float[1000];
        known.Set(tokens, scores);
        long before = GC.GetAllocatedBytesForCurrentThread();
        known.Set(tokens, scores);
        known.Set(tokens.AsSpan(0, 500), scores.AsSpan(0, 500));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1000, known.ToNumbers().Length);
    }

    // From a file, which anyone may have written.
    [Theory]
    [InlineData(new double[] { 3 })]
    [InlineData(new double[] { -1e300, 1, 1e300, 2 })]
    [InlineData(new double[] { 4, 1e300, 6, -1e300 })]
    public void From_AnyNumbers_GivesScores(double[] numbers)
    {
        float[] scores = [0, 0];
        TokenScores known = TokenScores.From(numbers);
        known.AddTo([4, 6], scores);
        Assert.All(scores, static score => Assert.True(float.IsFinite(score)));
        Assert.All(known.ToNumbers(), static number => Assert.True(double.IsFinite(number) && Math.Abs(number) <= int.MaxValue));
    }

    [Fact]
    public void Favour_TokensAfterTheLastScored_HaveTheBestScore()
    {
        TokenScores known = new();
        known.Set([1, 4], [2, 5]);
        float[] scores = new float[4];
        known.AddTo([1, 4, 6, 9], scores);
        known.Favour([1, 4, 6, 9], scores);
        Assert.Equal([2, 5, 5, 5], scores);
    }
}
