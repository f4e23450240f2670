using FsCheck.Xunit;
using KvNorm.KvCache.Scoring;

namespace KvNorm.Tests.KvCache.Scoring;

public sealed class LagKvScorerTests
{
    private const int Lag = LagKvScorer.Lag;

    [Property(MaxTest = 10)]
    public void Score_RandomRows_RanksEachLagBySpread(int seed)
    {
        HeadSample sample = HeadSample.Random(seed, (3 * Lag) + 40);
        float[] scores = sample.Score(new LagKvScorer());
        for (int lag = 0; lag < 2; lag++)
        {
            double[] spread = Add(Spread(sample.Keys, lag), Spread(sample.Values, lag));
            int[] order = [.. Enumerable.Range(0, Lag).OrderBy(row => scores[(lag * Lag) + row])];
            Assert.Equal(Enumerable.Range(0, Lag).Select(static rank => (float)rank / Lag), order.Select(row => scores[(lag * Lag) + row]));
            // Ranks may differ where two spreads are equal in single precision.
            for (int i = 1; i < Lag; i++)
                Assert.True(spread[order[i]] > spread[order[i - 1]] - 1e-7);
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData((2 * Lag) - 1, 0)]
    [InlineData(2 * Lag, Lag)]
    [InlineData((3 * Lag) + 5, 2 * Lag)]
    public void Score_RowsWithoutALagAfterThem_ComeFirstAndTheLatestOfThemBeforeTheOthers(int rows, int ranked)
    {
        float[] scores = HeadSample.Random(1, rows).Score(new LagKvScorer());
        Assert.All(scores[..ranked], static score => Assert.InRange(score, 0, 0.999f));
        Assert.All(scores[ranked..], static score => Assert.True(score >= 1));
        Assert.Equal(scores[ranked..].Order(), scores[ranked..]);
    }

    private static double[] Spread(List<float[]> vectors, int lag)
    {
        float[][] own = [.. vectors.Skip(lag * Lag).Take(Lag)], next = [.. vectors.Skip((lag + 1) * Lag).Take(Lag)];
        double[] deviations = [.. own.Select(vector => Deviation([.. vector.Select((x, i) => Scale(x, [.. next.Select(row => row[i])]))]))];
        double[] exponentials = [.. deviations.Select(Math.Exp)];
        return [.. exponentials.Select(x => x / exponentials.Sum())];
    }

    private static double Scale(double x, float[] channel) => (x - channel.Min()) / ((double)channel.Max() - channel.Min());

    private static double Deviation(double[] numbers)
    {
        double mean = numbers.Average();
        return Math.Sqrt(numbers.Sum(x => (x - mean) * (x - mean)) / (numbers.Length - 1));
    }

    private static double[] Add(double[] left, double[] right) => [.. left.Zip(right, static (x, y) => x + y)];
}
