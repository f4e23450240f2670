using FsCheck.Xunit;
using KvNorm.KvCache.Scoring;

namespace KvNorm.Tests.KvCache.Scoring;

public sealed class RunningMomentsTests
{
    [Property(MaxTest = 50)]
    public void AddStandardised_NumbersInAnyParts_IsThatOfAllOfThem(int seed)
    {
        Random random = new(seed);
        float[] numbers = [.. Enumerable.Range(0, 60).Select(_ => (float)((random.NextDouble() * 9) - 3))];
        double mean = numbers.Average(static number => (double)number);
        double deviation = Math.Sqrt(numbers.Average(number => Math.Pow(number - mean, 2)));
        RunningMoments moments = default;
        foreach (float[] part in numbers.Chunk(random.Next(1, 60)))
            moments.Add(part);
        Assert.Equal((2 - mean) / deviation, Standardise(moments, 2), 1e-4);
        Assert.Equal(Standardise(moments, 2), Standardise(RunningMoments.From(moments.ToNumbers()), 2));
    }

    [Fact]
    public void AddStandardised_SeveralNumbers_AddsToEachSumItsOwn()
    {
        RunningMoments moments = default;
        moments.Add([1, 3]); // mean 2, deviation 1
        float[] sums = [10, 20, 30];
        moments.AddStandardised([2, 3, 0], sums);
        Assert.Equal([10f, 21f, 28f], sums, static (x, y) => Math.Abs(x - y) < 1e-4);
    }

    [Fact]
    public void AddStandardised_EqualNumbers_StaysFinite()
    {
        RunningMoments moments = default;
        moments.Add([3, 3, 3]);
        Assert.Equal(0, Standardise(moments, 3));
        Assert.True(float.IsFinite(Standardise(moments, 4)));
    }

    private static float Standardise(RunningMoments moments, float number)
    {
        float[] sum = [0];
        moments.AddStandardised([number], sum);
        return sum[0];
    }
}
