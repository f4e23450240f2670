using System.Numerics.Tensors;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class RowEvictorTests
{
    private const int Cells = 256, Keep = 96, Read = 220, CutAt = 170;

    private static readonly PinnedTokens Pinned = new(6, 150, 160);

    // Those whose first layer has its cache in common with the others.
    public static TheoryData<string> Models() =>
        [.. TinyKind.Renumbered.Where(static kind => !kind.HasWindow).Select(static kind => kind.Name), "embedded"];

    // In the first layer a key depends on its token and position only: kept keys must be those llama.cpp makes of the same tokens at the
    // new positions.
    [Theory]
    [MemberData(nameof(Models))]
    public void Evict_FirstLayer_KeysAreThoseOfTheTokensAtTheirNewPositions(string name)
    {
        LlamaModel model = Load(name);
        using EvictionRig rig = new(model, EvictionPolicy.Salience, Cells, Keep);
        rig.Read(Read);
        rig.Evict(Pinned);
        AssertFirstLayer(rig);
        rig.Read(100);
        rig.Evict(Pinned); // rows that are turned a second time
        AssertFirstLayer(rig);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Evict_EveryLayer_ValuesAreThoseOfTheLedgersTokens(string name)
    {
        LlamaModel model = Load(name);
        using EvictionRig rig = new(model, EvictionPolicy.Salience, Cells, Keep);
        rig.Read(Read);
        int last = rig.Geometry.Layers.Count - 1;
        foreach (int layer in new[] { 0, last })
        {
            Assert.Equal(Read, rig.Rows(layer, 0, values: true).Length);
        }

        Dictionary<int, float[][]> before = Values(rig, last);
        rig.Evict(Pinned);
        foreach ((int head, float[][] rows) in Values(rig, last))
            Assert.Equal(rig.Kept(head).Select(token => before[head][token]), rows);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen2")]
    [InlineData("partial")]
    [InlineData("yarn")]
    public void Cut_FirstLayer_KeysAreThoseOfTheTokensAtTheirNewPositions(string name)
    {
        LlamaModel model = Load(name);
        using EvictionRig rig = new(model, EvictionPolicy.Salience, Cells, Keep);
        rig.Read(Read);
        rig.Evict(Pinned);
        rig.Read(20);
        rig.Cut(Pinned, CutAt);
        AssertFirstLayer(rig);
        rig.Read(150); // after the shorter text
        AssertFirstLayer(rig);
        rig.Evict(Pinned);
        AssertFirstLayer(rig);
    }

    [Theory]
    [InlineData(EvictionGranularity.Head)]
    [InlineData(EvictionGranularity.Layer)]
    [InlineData(EvictionGranularity.All)]
    public void Cut_AnyGranularity_EveryHeadHasAsManyRowsAsTheOneWithTheFewestHad(EvictionGranularity granularity)
    {
        using EvictionRig rig = Evicted(
            EvictionPolicy.Salience with { Granularity = granularity, SkippedLayers = granularity == EvictionGranularity.Head ? [0] : [] });
        rig.Read(20);
        int[][] before = Below(rig, CutAt);
        int fewest = before.Min(static kept => kept.Length);
        rig.Cut(Pinned, CutAt);
        Assert.Equal((fewest, fewest, CutAt), (rig.Ledger.Rows, rig.Ledger.PackedRows, rig.Ledger.LogicalLength));
        int[][] after = Below(rig, CutAt);
        int recent = EvictionPolicy.Salience.RecentRows(fewest);
        for (int head = 0; head < after.Length; head++)
        {
            Assert.Equal(fewest, after[head].Length);
            Assert.Subset(before[head].ToHashSet(), after[head].ToHashSet());
            Assert.Subset(after[head].ToHashSet(), before[head].Where(Pinned.Contains).ToHashSet());
            Assert.Subset(after[head].ToHashSet(), before[head][^recent..].ToHashSet());
        }

        Assert.Equal(granularity == EvictionGranularity.All, before.All(kept => kept.Length == fewest));
    }

    // The key of every row but the pinned and the recent ones must be lower in norm than all that went.
    [Fact]
    public void Cut_KeyNorm_TheHighestNormsGo()
    {
        using LlamaModel model = TinyModel.Load();
        EvictionPolicy policy = EvictionPolicy.Named("keynorm") with { RecentWindow = 0, Sinks = 0 };
        using EvictionRig rig = new(model, policy, Cells, Keep);
        rig.Read(Read);
        double[][] norms = [.. Enumerable.Range(0, 4).Select(head => Norms(rig, head / 2, head % 2))];
        rig.Evict(default);
        int[][] before = Below(rig, CutAt);
        rig.Cut(default, CutAt);
        int[][] after = Below(rig, CutAt);
        for (int head = 0; head < 4; head++)
        {
            double highest = after[head][..^1].Max(token => norms[head][token]);
            Assert.All(before[head].Except(after[head]), token => Assert.True(norms[head][token] >= highest - 1e-2));
        }

        Assert.Contains(before, kept => kept.Length > after[0].Length);
    }

    // Rows before the change have been learnt from by an eviction, and those after it must not count.
    [Theory]
    [InlineData(20, 1)]
    [InlineData(0, 3)]
    public void Cut_ScorersStatistics_AreThoseOfTheEviction(int dropped, int times)
    {
        Assert.Equal(KeptLater(0, 1), KeptLater(dropped, times));

        static int[][] KeptLater(int dropped, int times)
        {
            using EvictionRig rig = Evicted(EvictionPolicy.Salience);
            if (dropped > 0)
                rig.Read(dropped);
            for (int time = 0; time < times; time++)
                rig.Cut(Pinned, CutAt);
            rig.Read(150);
            rig.Evict(Pinned);
            return Below(rig, int.MaxValue);
        }
    }

    [Fact]
    public void Evict_PerHead_EveryHeadHoldsWhatMustStayAndItsOwnRest()
    {
        using EvictionRig rig = Evicted(EvictionPolicy.Salience);
        int recent = EvictionPolicy.Salience.RecentRows(Keep);
        for (int head = 0; head < rig.Geometry.HeadCount; head++)
        {
            HashSet<int> kept = [.. rig.Kept(head)];
            Assert.Equal(Keep, kept.Count);
            Assert.Subset(kept, Enumerable.Range(0, Pinned.Prefix).ToHashSet());
            Assert.Subset(kept, Enumerable.Range(Pinned.OpenStart, Pinned.OpenEnd - Pinned.OpenStart).ToHashSet());
            Assert.Subset(kept, Enumerable.Range(Read - recent, recent).ToHashSet());
        }

        IEnumerable<string> each = Enumerable.Range(0, rig.Geometry.HeadCount).Select(head => string.Join(' ', rig.Kept(head)));
        Assert.NotEqual(1, each.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Evict_PerLayer_HeadsOfALayerShareTheirRows()
    {
        using EvictionRig rig = Evicted(EvictionPolicy.Salience with { Granularity = EvictionGranularity.Layer });
        Assert.Equal(rig.Kept(0), rig.Kept(1));
        Assert.Equal(rig.Kept(2), rig.Kept(3));
        Assert.NotEqual(rig.Kept(0), rig.Kept(2));
    }

    [Fact]
    public void Evict_All_EveryHeadHasTheSameRows()
    {
        using EvictionRig rig = Evicted(EvictionPolicy.Salience with { Granularity = EvictionGranularity.All });
        Assert.All(Enumerable.Range(1, rig.Geometry.HeadCount - 1), head => Assert.Equal(rig.Kept(0), rig.Kept(head)));
    }

    [Fact]
    public void Evict_SkippedLayer_KeepsItsMostRecentRows()
    {
        using EvictionRig rig = Evicted(EvictionPolicy.Salience with { SkippedLayers = [0] });
        int[] expected = [.. Enumerable.Range(0, Pinned.Prefix), .. Enumerable.Range(Read - Keep + Pinned.Prefix, Keep - Pinned.Prefix)];
        Assert.Equal(expected, rig.Kept(0)); // the open message lies within
        Assert.Equal(expected, rig.Kept(1));
        Assert.NotEqual(expected, rig.Kept(2));
    }

    [Fact]
    public void Evict_KeyNorm_KeepsTheLowestNorms()
    {
        using LlamaModel model = TinyModel.Load();
        EvictionPolicy policy = EvictionPolicy.Named("keynorm") with { RecentWindow = 0, Sinks = 0 };
        using EvictionRig rig = new(model, policy, Cells, Keep);
        rig.Read(Read);
        double[] norms = Norms(rig, 1, 1);
        rig.Evict(new PinnedTokens(0, 0, 0));
        int[] kept = rig.Kept(3); // the second head of the second layer
        Assert.Equal(Read - 1, kept[^1]);
        double highest = kept[..^1].Max(token => norms[token]);
        Assert.All(Enumerable.Range(0, Read).Except(kept), token => Assert.True(norms[token] >= highest - 1e-3));
    }

    private static double[] Norms(EvictionRig rig, int layer, int head) =>
        [.. rig.Rows(layer, head, values: false).Select(static key => (double)TensorPrimitives.Norm(key))];

    private static int[][] Below(EvictionRig rig, int end) =>
        [.. Enumerable.Range(0, rig.Geometry.HeadCount).Select(head => rig.Kept(head).Where(token => token < end).ToArray())];

    internal static LlamaModel Load(string name) =>
        name == "embedded" ? EmbeddedModel.Model : TinyModel.Load(TinyKind.Named(name).Settings);

    private static EvictionRig Evicted(EvictionPolicy policy)
    {
        EvictionRig rig = new(TinyModel.Load(), policy, Cells, Keep);
        rig.Read(Read);
        rig.Evict(Pinned);
        return rig;
    }

    internal static Dictionary<int, float[][]> Values(EvictionRig rig, int layer)
    {
        LayerGeometry shape = rig.Geometry.Layers[layer];
        return Enumerable.Range(0, shape.Heads).ToDictionary(
            head => rig.Geometry.FirstHead(layer) + head,
            head => rig.Rows(layer, head, values: true));
    }

    internal static void AssertFirstLayer(EvictionRig rig, double tolerance = 0.01)
    {
        using LlamaContext fresh = new(rig.Model, new LlamaContextSettings(Cells, 64, 1) { Types = rig.Probe.Types });
        for (int head = 0; head < rig.Geometry.Layers[0].Heads; head++)
        {
            int[] tokens = [.. rig.Kept(head).Select(token => rig.Tokens[token])];
            fresh.Sequences[0].Clear();
            for (int start = 0; start < tokens.Length; start += 64)
                fresh.Sequences[0].Decode(tokens.AsSpan(start, Math.Min(64, tokens.Length - start)), start, logits: false);
            float[][] expected = EvictionRig.Rows(fresh, rig.Geometry.Layers[0], 0, head, values: false);
            float[][] actual = rig.Rows(0, head, values: false);
            Assert.Equal(rig.Ledger.Rows, actual.Length);
            for (int row = 0; row < actual.Length; row++)
                Assert.InRange(
                    TensorPrimitives.Distance<float>(expected[row], actual[row]) / TensorPrimitives.Norm<float>(expected[row]),
                    0,
                    tolerance);
        }
    }
}
