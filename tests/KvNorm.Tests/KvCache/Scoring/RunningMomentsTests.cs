using FsCheck.Xunit;
using KvNorm.KvCache.Scoring;

namespace KvNorm.Tests.KvCache.Scoring;

public sealed class RunningMomentsTests
{
    [Property(MaxTest = 50)]
    public void Standardise_NumbersInAnyParts_IsThatOfAllOfThem(int seed)
    {
        Random random = new(seed);
        float[] numbers = [.. Enumerable.Range(0, 60).Select(_ => (float)((random.NextDouble() * 9) - 3))];
        double mean = numbers.Average(static number => (double)number);
        double deviation = Math.Sqrt(numbers.Average(number => Math.Pow(number - mean, 2)));
        RunningMoments moments = default;
        foreach (float[] part in numbers.Chunk(random.Next(1, 60)))
            moments.Add(part);
        Assert.Equal((2 - mean) / deviation, moments.Standardise(2), 1e-4);
        Assert.Equal(moments.Standardise(2), RunningMoments.From(moments.ToNumbers()).Standardise(2));
    }

    [Fact]
    public void Standardise_EqualNumbers_StaysFinite()
    {
        RunningMoments moments = default;
        moments.Add([3, 3, 3]);
        Assert.Equal(0, moments.Standardise(3));
        Assert.True(float.IsFinite(moments.Standardise(4)));
    }
}
