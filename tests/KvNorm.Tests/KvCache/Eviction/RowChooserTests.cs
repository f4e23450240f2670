using FsCheck.Xunit;
using KvNorm.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class RowChooserTests
{
    public static TheoryData<string> Policies() => new(EvictionPolicy.Names);

    // The property of every policy: what is kept is what is pinned, and of the rest the best scored.
    [Theory]
    [MemberData(nameof(Policies))]
    public void Choose_AnyPolicy_KeepsTheBestScored(string name)
    {
        for (int seed = 0; seed < 40; seed++)
        {
            Random random = new(seed);
            EvictionPolicy policy = EvictionPolicy.Named(name) with { RecentWindow = 0.5 * random.NextDouble(), Seed = seed };
            int rows = random.Next(8, 60), keep = random.Next(rows / 2, rows), recent = policy.RecentRows(keep);
            PinnedTokens pinned = new(random.Next(keep - recent), 0, 0);
            using ChooserRig rig = new(policy, rows, seed);
            int[][] kept = rig.Choose(pinned, keep);
            KeyScorer alone = policy.CreateScorer(rig.Sets.HeadCount);
            for (int head = 0; head < kept.Length; head++)
            {
                float[] scores = RowScorerTests.WithRarity(rig.ScoreAlone(alone, head), policy.RarityWeight, rig.Spans.Words);
                SpanSmoother.Smooth(policy.Spans, scores, Enumerable.Range(0, rows).Select(row => rig.Spans[row]).ToArray());
                for (int row = 0; policy.DemotesRepeatedPunctuation && row < rows; row++)
                    scores[row] -= rig.Spans.RepeatsPunctuation(row) ? 1000 : 0;
                AssertBest(kept[head], scores, row => row >= rows - recent || pinned.Contains(row), keep);
            }
        }
    }

    // As a cut may, which leaves what the head with the fewest rows has.
    [Fact]
    public void Choose_LessThanPinnedAndRecentRows_KeepsThePinnedAndTheLatest()
    {
        using ChooserRig rig = new(EvictionPolicy.Named("keynorm") with { RecentWindow = 0.5 }, 20, 1);
        Assert.All(rig.Choose(new PinnedTokens(7, 0, 0), 10), static kept => Assert.Equal([0, 1, 2, 3, 4, 5, 6, 17, 18, 19], kept));
        Assert.All(rig.Choose(new PinnedTokens(4, 17, 20), 8), static kept => Assert.Equal([0, 1, 2, 3, 16, 17, 18, 19], kept));
    }

    [Property(MaxTest = 50)]
    public void Choose_HeadsThatShare_KeepTheBestSumOfStandardisedScores(int seed, bool wholeCells)
    {
        EvictionPolicy policy = EvictionPolicy.Named("keynorm") with { Granularity = EvictionGranularity.All, RecentWindow = 0 };
        using ChooserRig rig = new(policy, 30, seed, wholeCells);
        int[] kept = Assert.Single(rig.Choose(default, 12));
        double[] sum = new double[30];
        for (int head = 0; head < 4; head++)
        {
            float[] scores = rig.ScoreAlone(policy.CreateScorer(4), head);
            double mean = scores.Average(static score => (double)score);
            double deviation = Math.Sqrt(scores.Average(score => Math.Pow(score - mean, 2)));
            for (int row = 0; row < 30; row++)
                sum[row] += (scores[row] - mean) / deviation;
        }

        AssertBest(kept, [.. sum.Select(static score => (float)score)], static row => row == 29, 12);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Choose_EveryLayerSkipped_KeepsTheMostRecent(bool wholeCells)
    {
        using ChooserRig rig = new(EvictionPolicy.Named("keynorm") with { SkippedLayers = [0, 1] }, 20, 1, wholeCells);
        Assert.All(rig.Choose(new PinnedTokens(2, 0, 0), 8), static kept => Assert.Equal([0, 1, 14, 15, 16, 17, 18, 19], kept));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.MaxValue)]
    [InlineData(0)]
    public void Choose_AnyScoreForAllRows_KeepsWhatIsPinned(float score)
    {
        EvictionPolicy policy = EvictionPolicy.Custom("constant", _ => new FixedScorer(_ => score), TokenSpans.Sentence);
        using ChooserRig rig = new(policy with { Granularity = EvictionGranularity.Layer }, 40, 1);
        Assert.All(rig.Choose(new PinnedTokens(3, 20, 24), 16), static kept =>
        {
            Assert.Equal(16, kept.Distinct().Count());
            Assert.Subset(kept.ToHashSet(), new HashSet<int>([0, 1, 2, 20, 21, 22, 23, 36, 37, 38, 39]));
        });
    }

    [Fact]
    public void Choose_OneScoreIsNotANumber_OnlyThatRowIsWorseOff()
    {
        EvictionPolicy policy = EvictionPolicy.Custom("gap", static _ => new FixedScorer(static row => row == 5 ? float.NaN : 10 - row));
        using ChooserRig rig = new(policy with { RecentWindow = 0 }, 10, 1);
        Assert.All(rig.Choose(default, 8), static kept => Assert.Equal([0, 1, 2, 3, 4, 6, 7, 9], kept)); // 8 is the lowest, 9 the last row
    }

    // Tokens 0, 5, 10 and 15 of each 20 are punctuation: it goes first however far apart the scores are, and the best of it stays.
    [Theory]
    [InlineData(1)]
    [InlineData(1e20f)]
    [InlineData(float.MaxValue / 40)]
    public void Choose_RepeatedPunctuation_GoesFirstInTheOrderOfItsScores(float unit)
    {
        EvictionPolicy policy = EvictionPolicy.Custom("rising", _ => new FixedScorer(row => (row - 20) * 2 * unit), TokenSpans.None);
        using ChooserRig rig = new(policy with { RecentWindow = 0, DemotesRepeatedPunctuation = true }, 40, 1);
        int[] repeated = [20, 25, 30, 35], others = [.. Enumerable.Range(0, 40).Except(repeated)];
        Assert.All(rig.Choose(default, 38), kept => Assert.Equal(others.Concat([30, 35]).Order(), kept));
        Assert.All(rig.Choose(default, 34), kept => Assert.Equal(others[2..], kept));
    }

    [Fact]
    public void Choose_Distractors_GoBeforePunctuationAndOutOfTheRecentWindow()
    {
        EvictionPolicy policy = EvictionPolicy.Custom("rising", static _ => new FixedScorer(static row => row), TokenSpans.None);
        using ChooserRig rig = new(policy with { RecentWindow = 0.25, DemotesRepeatedPunctuation = true }, 40, 1);
        PinnedTokens pinned = new(2, 0, 0) { Distractors = [new TokenRange(7, 9), new TokenRange(36, 39)] };
        int[] distractors = [7, 8, 36, 37, 38], others = [.. Enumerable.Range(0, 40).Except(distractors)];
        Assert.All(rig.Choose(pinned, 35), kept => Assert.Equal(others, kept));
        Assert.All(rig.Choose(pinned, 34), kept => Assert.Equal(others.Except([20]), kept));
        Assert.All(rig.Choose(pinned, 37), kept => Assert.Equal(others.Concat([7, 8]).Order(), kept)); // no others are left
    }

    private static void AssertBest(int[] kept, float[] scores, Func<int, bool> isPinned, int keep)
    {
        Assert.Equal(kept.Distinct().Order(), kept);
        Assert.Equal(keep, kept.Length);
        int[] gone = [.. Enumerable.Range(0, scores.Length).Except(kept)];
        Assert.DoesNotContain(gone, row => isPinned(row));
        float lowest = kept.Where(row => !isPinned(row)).Select(row => scores[row]).DefaultIfEmpty(float.PositiveInfinity).Min();
        Assert.All(gone, row => Assert.True(scores[row] <= lowest + 1e-4f, $"row {row} has {scores[row]}, a kept one {lowest}"));
    }
}
