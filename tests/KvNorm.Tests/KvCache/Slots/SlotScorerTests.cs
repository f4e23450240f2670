using System.Collections.Concurrent;
using KvNorm.KvCache.Slots;

namespace KvNorm.Tests.KvCache.Slots;

/// <summary>What a scorer of an application's own can do to a slot.</summary>
public sealed class SlotScorerTests
{
    private static readonly KvCacheBudget Budget = KvCacheBudget.FromCells(200);

    [Fact]
    public void Prefill_ScorerThrows_ForgetsTheConversationAndGoesOn()
    {
        Scripted scorer = new() { Scores = static () => throw new FormatException("broken") };
        using SlotFixture fixture = Fixture(scorer);
        Assert.Throws<FormatException>(() => fixture.Slot.Prefill(SlotFixture.Tokens(0, 201), logits: true));
        Assert.Equal(0, fixture.Slot.Conversation.Length);
        fixture.AssertConsistent();
        scorer.Scores = static () => 1;
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 201), logits: true);
        Assert.Equal(1, fixture.Slot.Statistics.Evictions);
        fixture.AssertConsistent();
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.PositiveInfinity)]
    public void Prefill_ScorerWritesNoNumbers_EvictsAndGoesOn(float score)
    {
        using SlotFixture fixture = Fixture(new Scripted { Scores = () => score });
        fixture.Slot.Pin(12, 0, 0, 0);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 500), logits: true);
        fixture.AssertConsistent();
        float[] held = fixture.Slot.Retention().Held;
        Assert.All(held[..12], static share => Assert.Equal(1, share));
        Assert.All(held[^25..], static share => Assert.Equal(1, share));
    }

    [Fact]
    public void Restore_ScorerThrows_LeavesAnEmptySlot()
    {
        Scripted scorer = new();
        using SlotFixture fixture = Fixture(scorer);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 50), logits: true);
        using ConversationSnapshot snapshot = fixture.Slot.Save();
        scorer.ThrowsOnRestore = true;
        Assert.Throws<FormatException>(() => fixture.Slot.Restore(snapshot));
        Assert.Equal((0, 0), (fixture.Slot.Conversation.Length, fixture.NativeCells()));
    }

    [Fact]
    public void Save_StatisticsOfOtherHeads_Throws()
    {
        using SlotFixture fixture = Fixture(new Scripted { Saved = new ScorerStatistics([[1]]) });
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 50), logits: true);
        Assert.Throws<InvalidOperationException>(() => fixture.Slot.Save());
        fixture.AssertConsistent();
    }

    [Fact]
    public void Restore_Statistics_AreThoseSaved()
    {
        Scripted scorer = new() { Saved = new ScorerStatistics([[1], [2], [3], []]) };
        using SlotFixture fixture = Fixture(scorer);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 50), logits: true);
        using ConversationSnapshot snapshot = fixture.Slot.Save();
        fixture.Slot.Restore(snapshot);
        Assert.Same(scorer.Saved, scorer.Restored);
    }

    [Fact]
    public void Slots_OfOneCache_HaveScorersOfTheirOwn()
    {
        ConcurrentDictionary<KeyScorer, int> scored = [];
        EvictionPolicy policy = EvictionPolicy.Custom("counted", _ =>
        {
            Scripted scorer = new();
            scorer.Scores = () => scored.AddOrUpdate(scorer, 1, static (_, count) => count + 1);
            return scorer;
        });
        using SlotFixture fixture = new(Budget, policy: policy, slots: 2);
        foreach (Slot slot in fixture.Pool.Slots)
            slot.Prefill(SlotFixture.Tokens(0, 201), logits: true);
        Assert.Equal(2, scored.Count);
    }

    [Fact]
    public void Resume_ResetThrows_LeavesLedgerAndCacheInAgreement()
    {
        Scripted scorer = new();
        using SlotFixture fixture = Fixture(scorer);
        int[] tokens = SlotFixture.Tokens(0, 60);
        fixture.Slot.Prefill(tokens, logits: true);
        scorer.ThrowsOnReset = true;
        Assert.Throws<FormatException>(() => fixture.Slot.Resume(tokens.AsSpan(0, 40)));
        fixture.AssertConsistent();
    }

    private static SlotFixture Fixture(KeyScorer scorer) => new(Budget, policy: EvictionPolicy.Custom("scripted", _ => scorer));

    private sealed class Scripted : KeyScorer
    {
        public Func<float> Scores { get; set; } = static () => 0;

        public ScorerStatistics? Saved { get; init; }

        public ScorerStatistics? Restored { get; private set; }

        public bool ThrowsOnRestore { get; set; }

        public override void Score(in HeadRows rows, Span<float> scores) => scores.Fill(Scores());

        public override ScorerStatistics? Save() => Saved;

        public bool ThrowsOnReset { get; set; }

        public override void Reset()
        {
            if (ThrowsOnReset)
                throw new FormatException("broken");
        }

        public override void Restore(ScorerStatistics? saved)
        {
            if (ThrowsOnRestore)
                throw new FormatException("broken");
            Restored = saved;
        }
    }
}
