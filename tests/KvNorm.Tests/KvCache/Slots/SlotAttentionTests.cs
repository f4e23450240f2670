using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Slots;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.KvCache.Attention;
using KvNorm.Tests.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Slots;

/// <summary>What a scorer sees of attention, in a model whose queries are its keys.</summary>
public sealed class SlotAttentionTests
{
    private static readonly EvictionPolicy H2o = EvictionPolicy.Named("h2o");

    // Gives the attention that it sees.
    private static readonly EvictionPolicy Seen = EvictionPolicy.Custom("seen", static _ => new Seeing());

    [Theory]
    [InlineData(EvictionMechanism.RewriteRows)]
    [InlineData(EvictionMechanism.RewriteRowsKeepingPositions)]
    [InlineData(EvictionMechanism.RemoveCells)]
    public void Score_AfterAnEviction_IsTheAttentionOfTheTokensSince(EvictionMechanism mechanism)
    {
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(128), MirrorRig.Settings, H2o, probe => SlotMechanismTests.Forced(probe, mechanism));
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 140), logits: false);
        int since = 140 - fixture.Slot.Conversation.Ledger.PackedLength;
        Assert.Equal((1, 12), (fixture.Slot.Statistics.Evictions, since));
        AssertAttention(fixture, since);
        fixture.Slot.Prefill(SlotFixture.Tokens(140, 1), logits: false);
        AssertAttention(fixture, since + 1);
    }

    [Fact]
    public void Resume_TakenBackAndOtherTokens_SeesThoseThatAreThere()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(128), MirrorRig.Settings, H2o);
        int[] prompt = [.. SlotFixture.Tokens(0, 50), .. SlotFixture.Tokens(90, 10)];
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 80), logits: false);
        Assert.Equal(50, fixture.Slot.Resume(prompt));
        fixture.Slot.Prefill(prompt.AsSpan(50), logits: false);
        AssertAttention(fixture, 60);
    }

    [Fact]
    public void Resume_Cut_KeepsWhatWasAccumulated()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(128), MirrorRig.Settings, H2o);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 150), logits: false);
        int[] prompt = [.. SlotFixture.Tokens(0, 110), .. SlotFixture.Tokens(300, 10)];
        Assert.Equal(110, fixture.Slot.Resume(prompt));
        ScorerStatistics kept = Statistics(fixture.Slot);
        Assert.All(kept.Heads, static head => Assert.InRange(head.Length, 2, 2 * 64));
        fixture.Slot.Prefill(prompt.AsSpan(110), logits: false);
        AssertAttention(fixture, 10);
        fixture.AssertConsistent();
    }

    // Parked and restored, a conversation evicts as one that never left.
    [Theory]
    [InlineData("h2o")]
    [InlineData("snapkv")]
    public void Restore_InAnotherSlot_EvictsAsIfItHadNeverLeft(string policy)
    {
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(256), MirrorRig.Settings, EvictionPolicy.Named(policy) with { RecentWindow = 0.1 }, slots: 2);
        (Slot stays, Slot moves) = (fixture.Pool.Slots[0], fixture.Pool.Slots[1]);
        stays.Prefill(SlotFixture.Tokens(0, 170), logits: false);
        using (ConversationSnapshot snapshot = stays.Save())
        {
            Assert.True(snapshot.Bytes > snapshot.State.Length);
            moves.Restore(snapshot);
        }

        foreach (Slot slot in new[] { stays, moves })
        {
            slot.Prefill(SlotFixture.Tokens(170, 5), logits: false);
            slot.Evict(40);
        }

        Assert.Equal(stays.Retention().Held, moves.Retention().Held);
        Assert.Contains(stays.Retention().Held[4..150], static share => share > 0);
    }

    [Fact]
    public void Prefill_FailedBatch_CountsNothingOfIt()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(128), MirrorRig.Settings, H2o);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 30), logits: false);
        Assert.ThrowsAny<OperationCanceledException>(
            () => fixture.Slot.Prefill(SlotFixture.Tokens(30, 10), logits: false, new CancellationToken(canceled: true)));
        fixture.Pool.Context.Batch.Clear();
        fixture.Slot.Stage(SlotFixture.Tokens(60, 10), 10, logits: false);
        fixture.Pool.Context.Decode();
        fixture.Slot.Rollback();
        AssertAttention(fixture, 30);
    }

    [Fact]
    public void Constructor_LayersWithASlidingWindow_AreRefusedByName()
    {
        TinyModelSettings gemma = new() { Architecture = "gemma3", Layers = 6 };
        NotSupportedException e = Assert.Throws<NotSupportedException>(
            () => new SlotFixture(KvCacheBudget.FromCells(256), gemma, EvictionPolicy.Named("snapkv")));
        Assert.Contains("'snapkv'", e.Message, StringComparison.Ordinal);
        Assert.Contains("tiny-gemma3", e.Message, StringComparison.Ordinal);
        Assert.Contains("6 layers attend in another way than to the rows of the 1 ", e.Message, StringComparison.Ordinal);
        using SlotFixture without = new(KvCacheBudget.FromCells(256), gemma);
        Assert.Null(without.Pool.Context.Queries);
    }

    private static ScorerStatistics Statistics(Slot slot)
    {
        using ConversationSnapshot snapshot = slot.Save();
        return snapshot.Statistics!;
    }

    private static void AssertAttention(SlotFixture fixture, int asked)
    {
        float[][] seen = fixture.Slot.Score(Seen);
        for (int head = 0; head < seen.Length; head++)
        {
            float[] keys = [.. EvictionRig.Rows(fixture.Pool.Context, MirrorRig.Shape, head / 2, head % 2, values: false)
                .SelectMany(static row => row)];
            double[] expected = MirrorRig.Received(keys, asked);
            Assert.Equal(expected.Length, seen[head].Length);
            for (int row = 0; row < expected.Length; row++)
                Assert.Equal(expected[row], seen[head][row], 5e-3 * asked);
            Assert.Equal(asked, seen[head].Sum(static weight => (double)weight), 1e-2);
        }
    }

    private sealed class Seeing : KeyScorer
    {
        public override bool NeedsKeys => false;

        public override int AttentionWindow => EveryToken;

        public override void Score(in HeadRows rows, Span<float> scores) => rows.Attention.CopyTo(scores);
    }
}
