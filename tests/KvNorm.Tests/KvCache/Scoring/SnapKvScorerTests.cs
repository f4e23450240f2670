using FsCheck.Xunit;
using KvNorm.KvCache.Scoring;

namespace KvNorm.Tests.KvCache.Scoring;

public sealed class SnapKvScorerTests
{
    [Property(MaxTest = 30)]
    public void Score_RandomAttention_IsTheHighestAmongTheNeighboursAndTheWindowStays(int seed)
    {
        HeadSample sample = HeadSample.Random(seed, 100);
        float[] scores = sample.Score(new SnapKvScorer(1));
        int window = SnapKvScorer.Window, before = 100 - window;
        for (int row = 0; row < before; row++)
        {
            IEnumerable<float> pooled = Enumerable.Range(row - 3, 7).Where(near => near >= 0 && near < before)
                .Select(near => sample.Attention[near]);
            Assert.Equal(pooled.Max(), scores[row]);
        }

        Assert.All(scores[before..], score => Assert.Equal(scores[..before].Max(), score));
    }

    [Fact]
    public void Score_NothingNew_IsWhatTheWindowSawLast()
    {
        HeadSample sample = HeadSample.Random(1, 80);
        int[] kept = [.. Enumerable.Range(0, 80).Where(static row => row % 3 != 1)];
        SnapKvScorer scorer = new(1), copy = new(1);
        float[] scores = sample.Score(scorer);
        copy.Restore(scorer.Save());
        float[] expected = [.. kept.Select(row => scores[row])];
        Assert.Equal(expected, sample.Take(kept).Score(scorer, firstNew: kept.Length));
        Assert.Equal(expected, sample.Take(kept).Score(copy, firstNew: kept.Length));
    }

    [Fact]
    public void Score_NoAttentionEverKnown_TheMostRecentStay() =>
        Assert.Equal([0, 1, 2, 3], HeadSample.Random(1, 4).Score(new SnapKvScorer(1), firstNew: 4));
}
