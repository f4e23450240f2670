using KvNorm.Evaluation.Tasks;

namespace KvNorm.Evaluation.Tests.Tasks;

public sealed class OnceScorerTests
{
    [Fact]
    public void Score_RowsOfEarlierEvictions_ComeBeforeAllOthers()
    {
        HeadRows rows = new()
        {
            Layer = 0, Head = 0, Count = 4, FirstNew = 2, KeyLength = 1, ValueLength = 1, Keys = new float[] { 1, 2, 4, 3 },
            Values = default, Tokens = new[] { 0, 1, 2, 3 },
        };
        float[] scores = new float[4];
        new OnceScorer(EvictionPolicy.Named("keynorm").CreateScorer(1)).Score(rows, scores);
        Assert.Equal([float.PositiveInfinity, float.PositiveInfinity, -4, -3], scores);
    }

    [Fact]
    public void Needs_AreThoseOfTheOther()
    {
        OnceScorer recency = new(EvictionPolicy.Named("recency").CreateScorer(1)), salience = new(EvictionPolicy.Salience.CreateScorer(1));
        Assert.Equal((false, false), (recency.NeedsKeys, recency.NeedsValues));
        Assert.Equal((true, true), (salience.NeedsKeys, salience.NeedsValues));
        Assert.NotNull(salience.Save());
        Assert.Equal(32, new OnceScorer(EvictionPolicy.Named("snapkv").CreateScorer(1)).AttentionWindow);
    }
}
