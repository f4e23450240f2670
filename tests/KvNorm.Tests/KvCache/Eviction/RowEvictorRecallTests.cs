using System.Numerics.Tensors;
using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.KvCache.Slots;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class RowEvictorRecallTests
{
    private const int Cells = 256, Keep = 96, Read = 220;

    private static readonly PinnedTokens Pinned = new(6, 150, 160);

    public static TheoryData<string> Models() => RowEvictorTests.Models();

    [Theory]
    [MemberData(nameof(SlotMechanismTests.Models), MemberType = typeof(SlotMechanismTests))]
    public void Recall_Everything_LogitsAreThoseOfTheFullCache(string name)
    {
        LlamaModel model = RowEvictorTests.Load(name);
        using EvictionRig rig = new(model, EvictionPolicy.Salience, Cells, Keep), full = new(model, EvictionPolicy.Salience, Cells, Keep);
        rig.Read(Read);
        rig.Evict(Pinned);
        Assert.Equal(Read - Keep, rig.Ledger.LackedByAll([.. Enumerable.Range(0, Read)]));
        rig.Recall(default, Read, [.. Enumerable.Range(0, Read)]);
        full.Read(Read);
        Assert.All(Enumerable.Range(0, rig.Geometry.HeadCount), head => Assert.Equal(Enumerable.Range(0, Read), rig.Kept(head)));
        rig.Read(10);
        full.Read(10);
        float[] expected = full.Context.Logits().ToArray(), actual = rig.Context.Logits().ToArray();
        float difference = TensorPrimitives.Distance<float>(expected, actual) / TensorPrimitives.Norm<float>(expected);
        Assert.InRange(difference, 0, name == "embedded" ? 0.02 : 0.005); // thirty layers of rounding there, one or two elsewhere
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Recall_ASpan_ChangesNoOtherRowButItsPosition(string name)
    {
        LlamaModel model = RowEvictorTests.Load(name);
        using EvictionRig rig = new(model, EvictionPolicy.Salience, Cells, Keep);
        rig.Read(Read);
        int last = rig.Geometry.Layers.Count - 1;
        Dictionary<int, float[][]> before = RowEvictorTests.Values(rig, last);
        rig.Evict(Pinned);
        rig.Read(30);
        int[] span = [.. Enumerable.Range(40, 25)];
        int[][] held = [.. Enumerable.Range(0, rig.Geometry.HeadCount).Select(rig.Kept)];
        rig.Recall(Pinned with { Recalled = [new TokenRange(40, 65)] }, Keep + 30, span);
        for (int head = 0; head < held.Length; head++)
        {
            int[] kept = rig.Kept(head);
            Assert.Equal(Keep + 30, kept.Length);
            Assert.Equal(kept.Order(), kept);
            Assert.Subset(kept.ToHashSet(), span.ToHashSet());
            Assert.Subset(held[head].Union(span).ToHashSet(), kept.ToHashSet());
        }

        foreach ((int head, float[][] rows) in RowEvictorTests.Values(rig, last))
        {
            foreach ((int token, float[] row) in rig.Kept(head).Zip(rows).Where(static pair => pair.First < Read))
                Assert.Equal(before[head][token], row);
        }

        RowEvictorTests.AssertFirstLayer(rig);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Recall_DistractorsLeave_TheLatestOthersTakeTheirPlace(string name)
    {
        using EvictionRig rig = new(RowEvictorTests.Load(name), EvictionPolicy.Salience, Cells, Keep);
        rig.Read(Read);
        rig.Evict(Pinned);
        rig.Read(30);
        int[] span = [.. Enumerable.Range(40, 25)], distractors = [.. Enumerable.Range(180, 60)], others = [.. Enumerable.Range(70, 100)];
        int[][] held = [.. Enumerable.Range(0, rig.Geometry.HeadCount).Select(rig.Kept)];
        PinnedTokens pinned = Pinned with { Recalled = [new TokenRange(40, 65)], Distractors = [new TokenRange(180, 240)] };
        rig.Recall(pinned, Keep + 30, [.. span, .. others]);
        for (int head = 0; head < held.Length; head++)
        {
            int[] stays = [.. held[head].Except(distractors).Union(span)];
            int[] come = [.. others.Except(held[head]).TakeLast(Math.Max(0, Keep + 30 - stays.Length))];
            int[] kept = rig.Kept(head);
            Assert.Equal(Keep + 30, kept.Length);
            Assert.Equal(kept.Order(), kept);
            Assert.Subset(stays.Union(come).ToHashSet(), kept.ToHashSet());
            Assert.Subset(kept.ToHashSet(), span.Union(come).ToHashSet());
        }

        RowEvictorTests.AssertFirstLayer(rig);
        rig.Read(10);
    }

    // Again and again, with evictions between: what comes back the second time comes from where it was first written.
    [Theory]
    [InlineData("llama")]
    [InlineData("qwen2")]
    public void Recall_BetweenEvictions_RowsStayThoseOfTheirTokens(string name)
    {
        using EvictionRig rig = new(RowEvictorTests.Load(name), EvictionPolicy.Salience, Cells, Keep);
        for (int round = 0; round < 6; round++)
        {
            rig.Read(120);
            rig.Evict(default);
            Assert.Equal((0, 120 * (round + 1)), (rig.Archive.Start, rig.Archive.Length));
            int[] tokens = [.. Enumerable.Range(round * 37, 20)];
            rig.Recall(new PinnedTokens(4, 0, 0) { Recalled = [new TokenRange(tokens[0], tokens[^1] + 1)] }, Keep, tokens);
            RowEvictorTests.AssertFirstLayer(rig);
        }
    }

    [Fact]
    public void Recall_AfterACut_ArchiveHasWhatIsReadAgain()
    {
        using EvictionRig rig = new(TinyModel.Load(), EvictionPolicy.Salience, Cells, Keep);
        rig.Read(Read);
        rig.Evict(Pinned);
        rig.Cut(Pinned, 170);
        rig.Read(120);
        rig.Evict(Pinned);
        Assert.Equal((0, 290), (rig.Archive.Start, rig.Archive.Length));
        rig.Recall(new PinnedTokens(4, 0, 0) { Recalled = [new TokenRange(160, 180)] }, Keep, [.. Enumerable.Range(160, 20)]);
        RowEvictorTests.AssertFirstLayer(rig);
    }
}
