using FsCheck.Xunit;
using KvNorm.KvCache.Scoring;

namespace KvNorm.Tests.KvCache.Scoring;

public sealed class SalienceScorerTests
{
    [Property(MaxTest = 30)]
    public void Score_Once_IsTheSumOfBothStandardScores(int seed)
    {
        HeadSample sample = HeadSample.Random(seed, 50);
        double[] distinct = HeadSample.KeyDiff(sample.Keys, sample.Keys), strong = Strength(sample);
        AssertClose(Add(Standard(distinct, distinct), Standard(strong, strong)), sample.Score(new SalienceScorer(1)));
    }

    [Property(MaxTest = 30)]
    public void Score_Twice_RunsOverEveryTokenOnce(int seed)
    {
        HeadSample first = HeadSample.Random(seed, 50),
            read = HeadSample.Random(seed ^ 0x55, 30),
            kept = first.Take(Enumerable.Range(0, 50).Where(static row => row % 2 == 0));
        HeadSample second = kept.Then(read);
        SalienceScorer scorer = new(1);
        first.Score(scorer);
        float[] scores = second.Score(scorer, firstNew: 25);

        // The mean direction runs over all 80 tokens; both z over what each of them had when it was new.
        double[] distinct = HeadSample.KeyDiff(second.Keys, first.Keys.Concat(read.Keys)), strong = Strength(second);
        double[] distinctSeen = [.. HeadSample.KeyDiff(first.Keys, first.Keys), .. distinct[25..]],
            strongSeen = [.. Strength(first), .. Strength(read)];
        AssertClose(Add(Standard(distinct, distinctSeen), Standard(strong, strongSeen)), scores);
        Assert.NotEqual(second.Score(new SalienceScorer(1)), scores);
    }

    [Fact]
    public void Score_OtherHead_HasItsOwnStatistics()
    {
        HeadSample sample = HeadSample.Random(3, 40);
        SalienceScorer scorer = new(2);
        HeadSample.Random(4, 40).Score(scorer, head: 0);
        Assert.Equal(sample.Score(new SalienceScorer(2), head: 1), sample.Score(scorer, head: 1));
    }

    private static double[] Strength(HeadSample sample) =>
        [.. sample.Values.Select(static value => Math.Log(HeadSample.Norm(value.Select(static x => (double)x)) + 1e-6))];

    private static double[] Standard(double[] numbers, double[] over)
    {
        double mean = over.Average(), deviation = Math.Sqrt(over.Average(x => (x - mean) * (x - mean)));
        return [.. numbers.Select(x => (x - mean) / (deviation + 1e-6))];
    }

    private static double[] Add(double[] left, double[] right) => [.. left.Zip(right, static (x, y) => x + y)];

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 2e-3);
    }
}
