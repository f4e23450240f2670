using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class RowSetsTests
{
    private static readonly CacheGeometry Geometry =
        new([new LayerGeometry(2, 4, 4), new LayerGeometry(1, 4, 4), new LayerGeometry(2, 4, 4)]);

    [Theory]
    [InlineData(EvictionGranularity.Head, "0|1|2|3|4")]
    [InlineData(EvictionGranularity.Layer, "0,1|2|3,4")]
    [InlineData(EvictionGranularity.All, "0,1,2,3,4")]
    public void ByGranularity_NothingSkipped_GroupsHeads(EvictionGranularity granularity, string expected)
    {
        RowSets sets = RowSets.ByGranularity(Geometry, EvictionPolicy.Salience with { Granularity = granularity });
        Assert.Equal(expected, Heads(sets));
        Assert.All(Enumerable.Range(0, sets.Count), set => Assert.Equal(sets[set].Heads, sets[set].Scoring));
    }

    [Theory]
    [InlineData(EvictionGranularity.Head, "0|1|2|3|4", "|||3|4")]
    [InlineData(EvictionGranularity.Layer, "0,1|2|3,4", "||3,4")]
    [InlineData(EvictionGranularity.All, "0,1,2|3,4", "|3,4")]
    public void ByGranularity_SkippedLayers_HoldRowsOfTheirOwnAndDoNotScore(EvictionGranularity granularity, string heads, string scoring)
    {
        RowSets sets = RowSets.ByGranularity(Geometry, EvictionPolicy.Salience with { Granularity = granularity, SkippedLayers = [0, 1] });
        Assert.Equal((heads, scoring), (Heads(sets), Scoring(sets)));
    }

    [Fact]
    public void OfWholeCells_AnyPolicy_IsOneSetScoredByTheRest()
    {
        RowSets sets = RowSets.OfWholeCells(Geometry, EvictionPolicy.Salience with { SkippedLayers = [1] });
        Assert.Equal(("0,1,2,3,4", "0,1,3,4"), (Heads(sets), Scoring(sets)));
    }

    [Fact]
    public void SetOf_EveryHead_IsTheSetThatHoldsIt()
    {
        RowSets sets = new(new RowSet([0, 3], [3]), new RowSet([1, 2], []));
        Assert.Equal([0, 1, 1, 0], Enumerable.Range(0, sets.HeadCount).Select(sets.SetOf));
        Assert.Equal([false, false, false, true], Enumerable.Range(0, sets.HeadCount).Select(sets.IsScoring));
    }

    private static string Heads(RowSets sets) =>
        string.Join('|', Enumerable.Range(0, sets.Count).Select(set => string.Join(',', sets[set].Heads)));

    private static string Scoring(RowSets sets) =>
        string.Join('|', Enumerable.Range(0, sets.Count).Select(set => string.Join(',', sets[set].Scoring)));
}
