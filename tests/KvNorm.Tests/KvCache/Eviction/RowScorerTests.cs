using System.Collections.Concurrent;
using FsCheck.Xunit;
using KvNorm.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class RowScorerTests
{
    private static readonly EvictionPolicy Base = EvictionPolicy.Named("keynorm");

    [Property(MaxTest = 20)]
    public void Score_EveryHead_SeesItsOwnRows(int seed)
    {
        EvictionPolicy policy = EvictionPolicy.Named("salience") with { Spans = TokenSpans.None, RarityWeight = 0 };
        using ChooserRig rig = new(policy, 25, seed);
        rig.Score();
        KeyScorer alone = policy.CreateScorer(4);
        for (int head = 0; head < 4; head++)
            Assert.Equal(rig.ScoreAlone(alone, head), rig.Scorer.Scores(head, 25).ToArray());
    }

    // A scorer's numbers may be of any size, so the weight is in its standard deviations.
    [Theory]
    [InlineData(1)]
    [InlineData(1e-3f)]
    [InlineData(1e15f)]
    public void Score_RarityWeight_CountsInStandardDeviationsOfTheScores(float unit)
    {
        EvictionPolicy policy = EvictionPolicy.Custom("rising", _ => new FixedScorer(row => row * unit)) with { RarityWeight = 2 };
        using ChooserRig rig = new(policy, 25, 1);
        rig.Score();
        float[] expected = WithRarity([.. Enumerable.Range(0, 25).Select(row => row * unit)], 2, rig.Spans.Words);
        Assert.All(expected.Zip(rig.Scorer.Scores(3, 25).ToArray()), pair => Assert.Equal(pair.First, pair.Second, unit / 1000));
        Assert.True(expected[6] > expected[4] + (2 * unit)); // its token comes once, the other's twice
    }

    [Fact]
    public void Score_TokensFromALengthOn_DoNotCountAsSaid()
    {
        EvictionPolicy policy = EvictionPolicy.Custom("rising", _ => new FixedScorer(static row => row)) with { RarityWeight = 1 };
        using ChooserRig rig = new(policy, 30, 1);
        rig.Scorer.Score(state: null, 20, rareFrom: 0); // all different; of the ten behind them each has come before
        Assert.Equal(rig.Spans.Words[1], rig.Spans.Words[19]);
        rig.Scorer.Score(state: null, 30, rareFrom: 0);
        Assert.True(rig.Spans.Words[1] < rig.Spans.Words[19]);
    }

    [Fact]
    public void Score_RarityWeight_LeavesWhatIsAboveOrBelowAllOthers()
    {
        float[] scores = [.. Enumerable.Range(0, 25).Select(static row => (float)row)];
        (scores[1], scores[6], scores[7]) = (float.PositiveInfinity, float.NaN, float.NegativeInfinity); // 1 is common, 6 and 7 are rare
        EvictionPolicy policy = EvictionPolicy.Custom("some", _ => new FixedScorer(row => scores[row])) with { RarityWeight = 2 };
        using ChooserRig rig = new(policy, 25, 1);
        rig.Score();
        float[] scored = rig.Scorer.Scores(0, 25).ToArray();
        Assert.Equal(1, Array.IndexOf(scored, scored.Max()));
        Assert.Equal([6, 7], Enumerable.Range(0, 25).OrderBy(row => scored[row]).Take(2).Order());
    }

    [Fact]
    public void Score_EqualScoresWithRarityWeight_RarityDecides()
    {
        EvictionPolicy policy = EvictionPolicy.Custom("equal", static _ => new FixedScorer(static _ => 7)) with { RarityWeight = 1 };
        using ChooserRig rig = new(policy, 25, 1);
        rig.Score();
        ReadOnlySpan<float> scored = rig.Scorer.Scores(0, 25);
        Assert.True(scored[6] > scored[1], "a token that came once, and one that came twice");
    }

    [Fact]
    public void Score_Head_KnowsItsLayerAndTokens()
    {
        ConcurrentBag<(int Layer, int Head, int FirstNew, int Keys, int Values, string Tokens)> seen = [];
        EvictionPolicy policy = EvictionPolicy.Custom("spy", _ => new Spy(rows =>
        {
            string tokens = string.Join(',', rows.Tokens.ToArray());
            seen.Add((rows.Layer, rows.Head, rows.FirstNew, rows.Keys.Length, rows.Values.Length, tokens));
        }));
        using ChooserRig rig = new(policy, 6, 1);
        rig.Ledger.Pack([0, 2, 0, 3, 1, 4, 1, 5], 2, 6);
        rig.Ledger.Append(4);
        rig.Spans.Append([6, 7, 8, 9]);
        rig.Score();
        Assert.Equal(
            [
                (0, 0, 2, 36, 0, "0,2,6,7,8,9"), (0, 1, 2, 36, 0, "0,3,6,7,8,9"),
                (1, 2, 2, 36, 0, "1,4,6,7,8,9"), (1, 3, 2, 36, 0, "1,5,6,7,8,9"),
            ],
            seen.OrderBy(static head => head.Head));
    }

    [Fact]
    public void Score_Chunks_AreCountedFromTheFirstTokenOfTheConversation()
    {
        EvictionPolicy policy = EvictionPolicy.Custom("rows", _ => new FixedScorer(static row => row), TokenSpans.Chunks(3));
        using ChooserRig rig = new(policy, 6, 1);
        rig.Ledger.Pack([0, 2, 0, 3, 1, 4, 1, 5], 2, 6);
        rig.Ledger.Append(4);
        rig.Spans.Append([6, 7, 8, 9]);
        rig.Score();
        Assert.Equal([0.5f, 0.5f, 3, 3, 3, 5], rig.Scorer.Scores(0, 6).ToArray()); // tokens 0, 2 | 6, 7, 8 | 9
        Assert.Equal([0, 1, 3, 3, 3, 5], rig.Scorer.Scores(1, 6).ToArray()); // tokens 0 | 3 | 6, 7, 8 | 9
    }

    [Fact]
    public void Score_SkippedLayer_IsNotScored()
    {
        ConcurrentBag<int> layers = [];
        using ChooserRig rig = new(
            EvictionPolicy.Custom("spy", _ => new Spy(rows => layers.Add(rows.Layer))) with { SkippedLayers = [0] }, 6, 1);
        rig.Score();
        Assert.Equal([1, 1], layers);
    }

    [Fact]
    public void Score_RowsNotWritten_AreTheLowestAndNotThoseOfTheTimeBefore()
    {
        int time = 0;
        EvictionPolicy policy = EvictionPolicy.Custom("lazy", _ => new FixedScorer(row => row + 1)) with { Spans = Base.Spans };
        using ChooserRig full = new(policy, 6, 1);
        full.Score();
        EvictionPolicy lazy = EvictionPolicy.Custom("lazy", _ => new Lazy(() => time++));
        using ChooserRig rig = new(lazy, 6, 1);
        rig.Score();
        rig.Score();
        float[] scores = rig.Scorer.Scores(0, 6).ToArray();
        Assert.All(scores[1..], score => Assert.True(score < scores[0]));
    }

    [Fact]
    public void Score_ScorerThrows_ItsOwnExceptionComesOut()
    {
        using ChooserRig rig = new(
            EvictionPolicy.Custom("broken", static _ => new Spy(static _ => throw new FormatException("as it is"))), 6, 1);
        Assert.Equal("as it is", Assert.Throws<FormatException>(rig.Score).Message);
    }

    /// <summary>What the scores of a head become with a weight of how rare the words of its rows are, which are all tokens.</summary>
    internal static float[] WithRarity(float[] scores, double weight, WordRarity words)
    {
        double mean = scores.Average(static score => (double)score);
        double deviation = Math.Sqrt(scores.Average(score => Math.Pow(score - mean, 2)));
        return weight > 0 ? [.. scores.Select((score, row) => (float)(score + (weight * deviation * words[row])))] : scores;
    }

    private delegate void Seen(HeadRows rows);

    private sealed class Spy(Seen seen) : KeyScorer
    {
        public override void Score(in HeadRows rows, Span<float> scores) => seen(rows);
    }

    // Writes all scores the first time of a head, later only the first.
    private sealed class Lazy(Func<int> next) : KeyScorer
    {
        public override bool NeedsKeys => false;

        public override void Score(in HeadRows rows, Span<float> scores)
        {
            if (next() < ChooserRig.Layers * ChooserRig.Heads)
                scores.Fill(100);
            else
                scores[0] = 1;
        }
    }
}
