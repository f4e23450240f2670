using FsCheck.Xunit;
using KvNorm.KvCache.Scoring;

namespace KvNorm.Tests.KvCache.Scoring;

public sealed class H2oScorerTests
{
    [Property(MaxTest = 30)]
    public void Score_EvictionAfterEviction_IsTheSumOfAllAttentionSoFar(int seed)
    {
        Random random = new(seed);
        HeadSample first = HeadSample.Random(seed, 50);
        int[] kept = [.. Enumerable.Range(0, 50).Where(_ => random.Next(2) == 0)];
        HeadSample second = first.Take(kept).Then(HeadSample.Random(seed ^ 5, 20)) with
        {
            Attention = HeadSample.Random(seed ^ 9, kept.Length + 20).Attention,
        };
        H2oScorer scorer = new(2), copy = new(2);
        Assert.Equal(first.Attention, first.Score(scorer, head: 1));
        copy.Restore(scorer.Save());
        float[] expected =
            [.. second.Attention.Select((attention, row) => attention + (row < kept.Length ? first.Attention[kept[row]] : 0))];
        Assert.Equal(expected, second.Score(scorer, head: 1, firstNew: kept.Length));
        Assert.Equal(expected, second.Score(copy, head: 1, firstNew: kept.Length));
        Assert.Equal(second.Attention, second.Score(scorer, head: 0, firstNew: kept.Length));
    }

    // A cut: nothing is new, and what was read after the tokens that are left is gone.
    [Fact]
    public void Score_NothingNew_KeepsTheSums()
    {
        HeadSample sample = HeadSample.Random(1, 30);
        H2oScorer scorer = new(1);
        float[] scores = sample.Score(scorer);
        Assert.Equal(scores[..20], sample.Take(Enumerable.Range(0, 20)).Score(scorer, firstNew: 20));
    }
}
