using FsCheck.Xunit;
using KvNorm.KvCache.Scoring;
using KvNorm.Tests.KvCache.Scoring;

namespace KvNorm.Tests;

/// <summary>What every policy's scorer must do.</summary>
public sealed class KeyScorerTests
{
    public static TheoryData<string> Policies() => new(EvictionPolicy.Names);

    [Theory]
    [MemberData(nameof(Policies))]
    public void Score_AnyPolicy_IsDeterministicAndFinite(string policy)
    {
        foreach (int rows in new[] { 1, 2, 17, 300 })
        {
            HeadSample sample = HeadSample.Random(rows, rows);
            float[] scores = sample.Score(EvictionPolicy.Named(policy).CreateScorer(3), head: 2);
            Assert.Equal(rows, scores.Length);
            Assert.All(scores, static score => Assert.True(float.IsFinite(score)));
            Assert.Equal(scores, sample.Score(EvictionPolicy.Named(policy).CreateScorer(3), head: 2));
            bool isWindow = policy == "snapkv" && rows <= SnapKvScorer.Window; // which stays as a whole
            Assert.True(rows < 3 || isWindow || scores.Distinct().Count() > rows / 10);
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Score_ZeroRows_StayFinite(string policy)
    {
        HeadSample sample = HeadSample.Random(1, 5);
        sample.Keys[2] = new float[sample.KeyLength];
        sample.Values[3] = new float[sample.ValueLength];
        Assert.All(sample.Score(EvictionPolicy.Named(policy).CreateScorer(1)), static score => Assert.True(float.IsFinite(score)));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Reset_AfterAnotherConversation_ScoresAsNew(string policy)
    {
        KeyScorer scorer = EvictionPolicy.Named(policy).CreateScorer(1);
        HeadSample.Random(1, 50).Score(scorer);
        scorer.Reset();
        HeadSample sample = HeadSample.Random(2, 50);
        Assert.Equal(sample.Score(EvictionPolicy.Named(policy).CreateScorer(1)), sample.Score(scorer));
    }

    [Property(MaxTest = 30)]
    public void KeyNorm_RandomRows_IsMinusTheNorm(int seed)
    {
        HeadSample sample = HeadSample.Random(seed, 40);
        double[] norms = [.. sample.Keys.Select(static key => HeadSample.Norm(key.Select(static x => (double)x)))];
        AssertClose([.. norms.Select(static norm => -norm)], sample.Score(new KeyNormScorer(keepHigh: false)));
        AssertClose(norms, sample.Score(new KeyNormScorer(keepHigh: true)));
    }

    [Property(MaxTest = 30)]
    public void KeyDiff_RandomRows_IsMinusTheCosineToTheMean(int seed)
    {
        HeadSample sample = HeadSample.Random(seed, 40);
        AssertClose(HeadSample.KeyDiff(sample.Keys, sample.Keys), sample.Score(new KeyDiffScorer()));
    }

    [Property(MaxTest = 30)]
    public void ValueNorm_RandomRows_IsTheNorm(int seed)
    {
        HeadSample sample = HeadSample.Random(seed, 40);
        AssertClose([.. sample.Values.Select(SquaredNorm).Select(Math.Sqrt)], sample.Score(new ValueNormScorer()));
    }

    [Property(MaxTest = 30)]
    public void Cur_RandomRows_IsTheProductOfBothSharesOfAWindow(int seed)
    {
        HeadSample sample = HeadSample.Random(seed, (2 * CurScorer.Window) + 5);
        List<double> expected = [];
        foreach (int[] window in Enumerable.Range(0, sample.Keys.Count).Chunk(CurScorer.Window))
        {
            double keys = window.Sum(row => SquaredNorm(sample.Keys[row])), values = window.Sum(row => SquaredNorm(sample.Values[row]));
            expected.AddRange(window.Select(row => SquaredNorm(sample.Keys[row]) / keys * (SquaredNorm(sample.Values[row]) / values)));
        }

        AssertClose([.. expected], sample.Score(new CurScorer()));
    }

    [Fact]
    public void ManifoldKv_RandomRows_IsTheDistanceFromTheMeanOfTheWindow()
    {
        HeadSample sample = HeadSample.Random(5, ManifoldKvScorer.Window + 20, keyLength: 4, valueLength: 1);
        List<double> expected = [];
        foreach (float[][] window in sample.Keys.Chunk(ManifoldKvScorer.Window))
        {
            double[] centre = [.. Enumerable.Range(0, sample.KeyLength).Select(i => window.Average(key => (double)key[i]))];
            expected.AddRange(window.Select(key => HeadSample.Norm(key.Zip(centre, static (x, mean) => x - mean))));
        }

        AssertClose([.. expected], sample.Score(new ManifoldKvScorer()));
    }

    [Fact]
    public void Recency_Rows_RiseWithTime() => Assert.Equal([0, 1, 2, 3, 4], HeadSample.Random(1, 5).Score(new RecencyScorer()));

    [Property(MaxTest = 50)]
    public void Random_AnySeed_KeepsATokensNumber(int seed)
    {
        HeadSample sample = HeadSample.Random(1, 60);
        int[] kept = [.. Enumerable.Range(0, 60).Where(static row => row % 3 != 1)];
        float[] all = sample.Score(new RandomScorer(seed)), few = sample.Take(kept).Score(new RandomScorer(seed), firstNew: 10);
        Assert.Equal(kept.Select(row => all[row]), few);
        Assert.NotEqual(all, sample.Score(new RandomScorer(seed), head: 1));
        Assert.NotEqual(all, sample.Score(new RandomScorer(seed ^ 1)));
    }

    private static double SquaredNorm(float[] vector) => vector.Sum(static x => (double)x * x);

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-4);
    }
}
