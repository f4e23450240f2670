using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvNorm.Tests.KvCache.Slots;

/// <summary>Conversations of uneven length that take cells of one pool.</summary>
public sealed class SharedCellsTests
{
    private const int Slots = 8;
    private const int Total = 800, Least = 50, Most = 450; // an equal share is 100
    private const long Plenty = 1 << 30;

    private static readonly KvCacheBudget Budget = KvCacheBudget.FromCells(Total);

    [Fact]
    public void Serve_OneLongConversation_UsesWhatTheOthersLeave()
    {
        using SlotFixture fixture = Unified();
        Assert.Equal((Total, Most), (fixture.Pool.Statistics.Capacity, fixture.Pool.Statistics.MaximumSlotCells));
        fixture.Serve(SlotFixture.Tokens(0, Most));
        Assert.Equal((0, Most), (fixture.Pool.Statistics.Evictions, fixture.Pool.Statistics.Cells));
        fixture.Serve(SlotFixture.Tokens(0, Most + 1));
        Assert.Equal((1, (Most / 2) + 1), (fixture.Pool.Statistics.Evictions, fixture.Pool.Statistics.Cells));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3")] // a second memory for the layers with a window
    public void Serve_EightThatFitTogether_NothingIsEvictedAndEachAnswersAsAlone(string architecture)
    {
        using SlotFixture fixture = Unified(TinyModelSettings.Of(architecture));
        int[] lengths = [240, 20, 60, 110, 10, 150, 40, 90]; // none is lent what a shorter one leaves of its least
        foreach (int part in new[] { 3, 2, 1 }) // in turns, so that the cells of all lie among each other
        {
            for (int i = 0; i < Slots; i++)
            {
                int[] prompt = SlotFixture.Tokens(i * 50, lengths[i] / part);
                fixture.Serve(prompt);
                AssertLogitsOfAFreshCache(fixture, prompt);
                AssertConsistent(fixture);
            }
        }

        Assert.Equal((0, lengths.Sum()), (fixture.Pool.Statistics.Evictions, fixture.Pool.Statistics.Cells));
    }

    [Fact]
    public void Serve_CellsRunShort_TheLeastRecentlyUsedGiveUpFirstAndOnlyThey()
    {
        using SlotFixture fixture = Unified();
        Slot[] slots = [.. Enumerable.Range(0, Slots).Select(i => fixture.Serve(SlotFixture.Tokens(i * 50, 100)).Slot)];
        fixture.Serve(SlotFixture.Tokens(0, 110)); // the first is the last used now
        Assert.Equal([0, 1, 0, 0, 0, 0, 0, 0], slots.Select(static slot => slot.Statistics.Evictions));
        Assert.Equal(Least, slots[1].Statistics.Cells);
        fixture.Serve(SlotFixture.Tokens(100, 160)); // 40 left, and 20 of the next
        Assert.Equal([0, 1, 0, 1, 0, 0, 0, 0], slots.Select(static slot => slot.Statistics.Evictions));
        fixture.Serve(SlotFixture.Tokens(0, 450)); // all give up what they can, the last used last, before its own rows go
        Assert.Equal([0, 1, 1, 1, 1, 1, 1, 1], slots.Select(static slot => slot.Statistics.Evictions));
        Assert.Equal(450, slots[0].Statistics.Cells);
        Assert.Equal(Total, fixture.Pool.Statistics.Cells);
        fixture.Serve(SlotFixture.Tokens(0, 451));
        Assert.Equal(1, slots[0].Statistics.Evictions);
        AssertConsistent(fixture);
    }

    [Fact]
    public void Serve_IdleOneCouldGiveUpNextToNothing_IsLeftAlone()
    {
        using SlotFixture fixture = Unified();
        (Slot idle, _) = fixture.Serve(SlotFixture.Tokens(50, Least + 4));
        (Slot used, _) = fixture.Serve(SlotFixture.Tokens(0, Most - 4));
        Assert.Equal(0, fixture.Pool.Statistics.Evictions);
        fixture.Serve(SlotFixture.Tokens(0, Most));
        Assert.Equal((0, 1), (idle.Statistics.Evictions, used.Statistics.Evictions));
    }

    [Fact]
    public void Serve_OneGivesUpRows_NoRowOfAnotherChanges()
    {
        using SlotFixture fixture = Unified();
        Slot[] slots = [.. Enumerable.Range(0, Slots).Select(i => fixture.Serve(SlotFixture.Tokens(i * 50, 100)).Slot)];
        byte[][] before = [.. slots.Select(StateOf)];
        fixture.Serve(SlotFixture.Tokens(0, 120));
        Assert.Equal(1, slots[1].Statistics.Evictions);
        Assert.NotEqual(before[1], StateOf(slots[1]));
        Assert.All(Enumerable.Range(2, Slots - 2), i => Assert.Equal(before[i], StateOf(slots[i])));
    }

    [Fact]
    public void Serve_SlotIsAnswering_KeepsWhatItHasAndTheNewOneGetsTheLeast()
    {
        using SlotFixture fixture = Unified();
        int[] prompt = SlotFixture.Tokens(0, Most);
        Slot busy = fixture.Pool.Take(prompt);
        busy.Prefill(prompt, logits: true);
        for (int i = 1; i < Slots; i++)
            fixture.Serve(SlotFixture.Tokens(i * 50, 300));
        Assert.Equal((Most, 0), (busy.Statistics.Cells, busy.Statistics.Evictions));
        Assert.All(fixture.Pool.Slots, static slot => Assert.InRange(slot.Statistics.Cells, 1, slot.Share.Capacity.Cells));
        Assert.All(fixture.Pool.Slots.Skip(1), static slot => Assert.Equal(Least, slot.Share.Capacity.Cells));
        AssertConsistent(fixture);
        fixture.Pool.Release(busy);
    }

    [Fact]
    public void HasRoomFor_SystemPromptThatNeedsMoreThanTheOthersLeave_WaitsForOneThatIsAnswering()
    {
        using SlotFixture fixture = Unified(slots: 2); // an equal share is 400, the least 200
        int[] prompt = SlotFixture.Tokens(0, 600), next = SlotFixture.Tokens(500, 260);
        Slot busy = fixture.Pool.Take(prompt);
        busy.Prefill(prompt, logits: true);
        Assert.True(fixture.Pool.HasRoomFor(next, 50));
        Assert.False(fixture.Pool.HasRoomFor(next, 250));
        fixture.Pool.Release(busy);
        Assert.True(fixture.Pool.HasRoomFor(next, 250));
        (Slot slot, _) = fixture.Serve(next, 250);
        Assert.InRange(slot.Share.Capacity.Cells, fixture.Pool.Plan.LeastCellsFor(250), 400);
        Assert.Equal((1, 0), (busy.Statistics.Evictions, slot.Statistics.Evictions));
        AssertConsistent(fixture);
    }

    // Nobody is answering, so nobody would ever make room for the one that waits.
    [Theory]
    [InlineData(1)]
    [InlineData(0.9)] // rows are evicted before all of what is lent is in use
    public void HasRoomFor_IdleOneMustKeepMoreThanAnEqualShare_ItLeavesAsAWhole(double highMark)
    {
        using SlotFixture fixture = new(Budget with { HighMark = highMark }, slots: 2, unified: true, parkedBytes: Plenty);
        int[] prompt = SlotFixture.Tokens(0, 500), next = SlotFixture.Tokens(500, 260);
        (Slot idle, _) = fixture.Serve(prompt, 450);
        Assert.Equal(500, idle.Statistics.Cells);
        Assert.True(fixture.Pool.HasRoomFor(next, 250));
        (Slot slot, _) = fixture.Serve(next, 250);
        Assert.InRange(slot.Share.Capacity.Cells, fixture.Pool.Plan.LeastCellsFor(250), fixture.Pool.Plan.Shares.Most.Cells);
        Assert.Equal((0, 260), (idle.Statistics.Cells, slot.Statistics.Cells));
        Assert.Equal(1, fixture.Pool.Statistics.ParkedConversations);
        AssertConsistent(fixture);
    }

    // With rounding, what an idle one has as an equal share is not enough for what it holds below the mark: it does not leave for that.
    [Fact]
    public void HasRoomFor_IdleOneHasAnEqualShare_WaitsForTheOneThatIsAnswering()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(768) with { HighMark = 0.9 }, slots: 3, unified: true);
        int[] prompt = SlotFixture.Tokens(0, 344), next = SlotFixture.Tokens(500, 200);
        fixture.Serve(SlotFixture.Tokens(300, 230), 159);
        Slot busy = fixture.Pool.Take(prompt);
        busy.Prefill(prompt, logits: true);
        if (fixture.Pool.HasRoomFor(next, 159))
            Assert.InRange(fixture.Serve(next, 159).Slot.Share.Capacity.Cells, fixture.Pool.Plan.LeastCellsFor(159), 768);
        fixture.Pool.Release(busy);
        Assert.True(fixture.Pool.HasRoomFor(next, 159));
        Assert.InRange(fixture.Serve(next, 159).Slot.Share.Capacity.Cells, fixture.Pool.Plan.LeastCellsFor(159), 768);
        AssertConsistent(fixture);
    }

    [Fact]
    public void Take_IdleOneMustKeepMoreThanAnEqualShare_StaysWhereThePromptNeedsLess()
    {
        using SlotFixture fixture = Unified(slots: 2);
        (Slot idle, _) = fixture.Serve(SlotFixture.Tokens(0, 500), 450);
        fixture.Serve(SlotFixture.Tokens(500, 350));
        Assert.Equal(500, idle.Statistics.Cells);
        AssertConsistent(fixture);
    }

    [Fact]
    public void Take_ShortPromptInTheSlotOfALongConversation_LeavesTheRestToOthers()
    {
        using SlotFixture fixture = Unified(slots: 2);
        fixture.Serve(SlotFixture.Tokens(0, 590));
        fixture.Serve(SlotFixture.Tokens(300, 20));
        Slot busy = fixture.Pool.Take(SlotFixture.Tokens(500, 20)); // of the long one, which is missed least
        busy.Resume(SlotFixture.Tokens(500, 20));
        fixture.Serve(SlotFixture.Tokens(300, 600));
        Assert.Equal((0, 600), (fixture.Pool.Statistics.Evictions, fixture.Pool.Statistics.Cells));
        fixture.Pool.Release(busy);
    }

    [Theory]
    [InlineData("llama", EvictionMechanism.RewriteRows)]
    [InlineData("llama", EvictionMechanism.RewriteRowsKeepingPositions)]
    [InlineData("llama", EvictionMechanism.RemoveCells)]
    [InlineData("gemma3", EvictionMechanism.RewriteRows)] // the cells of its window move along
    [InlineData("gemma3", EvictionMechanism.RemoveCells)]
    public void Serve_AnyConversationsInAnyOrder_NeverPassTheBudgetAndOnlyIdleOnesGiveUp(
        string architecture, EvictionMechanism mechanism)
    {
        Random random = new((int)mechanism + 1);
        using SlotFixture fixture = new(
            Budget,
            TinyModelSettings.Of(architecture),
            slots: Slots,
            unified: true,
            parkedBytes: 1 << 20,
            change: probe => SlotMechanismTests.Forced(probe, mechanism));
        int[] lengths = new int[Slots + 2];
        for (int step = 0; step < 60; step++)
        {
            int i = random.Next(lengths.Length);
            lengths[i] += random.Next(1, random.Next(3) == 0 ? 200 : 40);
            Dictionary<Slot, (byte[] Rows, int Evictions)> before =
                fixture.Pool.Slots.ToDictionary(slot => slot, slot => (RowsOf(slot), slot.Statistics.Evictions));
            (Slot used, _) = fixture.Serve(SlotFixture.Tokens(i * 50, lengths[i]));
            AssertConsistent(fixture);
            Assert.All(fixture.Logits(), static logit => Assert.True(float.IsFinite(logit)));
            foreach (Slot slot in fixture.Pool.Slots.Where(slot => slot != used && slot.Statistics.Evictions == before[slot].Evictions))
                Assert.Equal(before[slot].Rows, RowsOf(slot));
        }

        Assert.True(fixture.Pool.Statistics.Evictions > 10);
    }

    [Fact]
    public void Serve_EvictedBesideOthers_HoldsWhatACacheOfItsOwnHolds()
    {
        using SlotFixture fixture = Unified(), alone = new(KvCacheBudget.FromCells(Most));
        for (int i = 1; i < Slots; i++)
            fixture.Serve(SlotFixture.Tokens(i * 50, 30));
        int[] prompt = SlotFixture.Tokens(0, 1000);
        (Slot slot, _) = fixture.Serve(prompt);
        alone.Serve(prompt);
        Assert.Equal(alone.Slot.Retention().Held, slot.Retention().Held);
        Assert.All(alone.Logits().Zip(fixture.Logits()), static pair => Assert.Equal(pair.First, pair.Second, 3e-2f));
    }

    [Fact]
    public void Rollback_DecodedTokens_LeavesAllAsTheyWere()
    {
        using SlotFixture fixture = Unified();
        Slot[] slots = [.. Enumerable.Range(0, 3).Select(i => fixture.Serve(SlotFixture.Tokens(i * 50, 150)).Slot)];
        byte[][] before = [.. slots.Select(StateOf)];
        int[] prompt = SlotFixture.Tokens(0, 160);
        Slot slot = fixture.Pool.Take(prompt);
        fixture.Pool.Context.Batch.Clear();
        slot.Stage(prompt.AsSpan(150), 10, logits: true);
        fixture.Pool.Context.Decode(); // what a decode that fails leaves in the cache at the most
        slot.Rollback();
        fixture.Pool.Release(slot);
        Assert.Equal(before, slots.Select(StateOf).ToArray());
        fixture.Serve(prompt);
        AssertLogitsOfAFreshCache(fixture, prompt);
        AssertConsistent(fixture);
    }

    [Fact]
    public void Serve_EvictionOfAnotherFails_NobodyElseIsDisturbedAndTheNextOneWorks()
    {
        bool fails = false;
        EvictionPolicy policy = EvictionPolicy.Custom("failing", _ => new Failing(() => fails));
        using SlotFixture fixture = new(Budget, policy: policy, slots: Slots, unified: true);
        Slot[] slots = [.. Enumerable.Range(0, Slots).Select(i => fixture.Serve(SlotFixture.Tokens(i * 50, 100)).Slot)];
        byte[][] before = [.. slots.Select(StateOf)];
        fails = true;
        Assert.Throws<InvalidOperationException>(() => fixture.Serve(SlotFixture.Tokens(0, 120)));
        fails = false;
        Assert.All(Enumerable.Range(2, Slots - 2), i => Assert.Equal(before[i], StateOf(slots[i])));
        AssertConsistent(fixture);
        Assert.Equal(100, fixture.Serve(SlotFixture.Tokens(0, 120)).Reused);
        AssertLogitsOfAFreshCache(fixture, SlotFixture.Tokens(0, 120));
    }

    [Fact]
    public void Take_ParkedLongConversation_ComesBackWhereOthersLeaveRoom()
    {
        using SlotFixture fixture = Unified(slots: 2, parkedBytes: Plenty);
        int[] longOne = SlotFixture.Tokens(0, 500), next = [.. longOne, 5, 6, 7];
        fixture.Serve(longOne);
        fixture.Serve(SlotFixture.Tokens(300, 60));
        fixture.Serve(SlotFixture.Tokens(500, 60)); // parks the long one
        Assert.Equal(500, fixture.Serve(next).Reused);
        AssertConsistent(fixture);
        Assert.Equal((0, 1), (fixture.Pool.Statistics.Evictions, fixture.Pool.Statistics.RestoredConversations));
    }

    [Fact]
    public void Take_ParkedConversationThatDoesNotFitBesideABusyOne_IsDecodedAgain()
    {
        using SlotFixture fixture = Unified(slots: 2, parkedBytes: Plenty);
        int[] longOne = SlotFixture.Tokens(0, 500), other = SlotFixture.Tokens(300, 550), next = [.. longOne, 5, 6, 7];
        fixture.Serve(longOne);
        fixture.Serve(SlotFixture.Tokens(300, 60));
        fixture.Serve(SlotFixture.Tokens(500, 60)); // parks the long one
        Slot busy = fixture.Pool.Take(other);
        busy.Prefill(other.AsSpan(busy.Resume(other)), logits: true);
        Assert.Equal(0, fixture.Serve(next).Reused);
        AssertConsistent(fixture);
        Assert.Equal(0, busy.Statistics.Evictions);
        fixture.Pool.Release(busy);
    }

    [Fact]
    public void Take_SameSystemPrompt_IsCopiedWhereThereIsRoom()
    {
        using SlotFixture fixture = Unified();
        int[] first = SlotFixture.Tokens(0, 140), second = [.. first[..40], .. SlotFixture.Tokens(300, 20)];
        fixture.Serve(first, 40);
        Assert.Equal(40, fixture.Serve(second, 40).Reused);
        AssertLogitsOfAFreshCache(fixture, second);
        AssertConsistent(fixture);
    }

    [Fact]
    public void Place_CopyOfAConversation_GoesOnAsIfItHadNeverLeft()
    {
        using SlotFixture fixture = Unified(), other = Unified();
        int[] prompt = SlotFixture.Tokens(0, 700), next = [.. prompt, .. SlotFixture.Tokens(900, 30)];
        (Slot slot, _) = fixture.Serve(prompt);
        for (int i = 1; i < Slots; i++)
            other.Serve(SlotFixture.Tokens(i * 50, 100)); // these give up rows for it
        Slot? placed = other.Pool.Place(fixture.Pool.Copy(prompt, archiveBytes: 0)!);
        Assert.NotNull(placed);
        Assert.Equal(slot.Retention().Held, placed.Retention().Held);
        AssertConsistent(other);
        fixture.Serve(next);
        other.Serve(next);
        Assert.All(fixture.Logits().Zip(other.Logits()), static pair => Assert.Equal(pair.First, pair.Second, 3e-2f));
    }

    [Fact]
    public void Place_FitsNowhere_NobodyGivesUpRows()
    {
        using SlotFixture fixture = Unified(slots: 3), other = Unified(slots: 3);
        int[] prompt = SlotFixture.Tokens(0, 350), idle = SlotFixture.Tokens(300, 250), saved = SlotFixture.Tokens(500, 400);
        Slot busy = fixture.Pool.Take(prompt);
        busy.Prefill(prompt, logits: true);
        fixture.Serve(idle);
        other.Serve(saved);
        Assert.Null(fixture.Pool.Place(other.Pool.Copy(saved, archiveBytes: 0)!));
        Assert.Equal(0, fixture.Pool.Statistics.Evictions);
        Assert.Equal(250, fixture.Serve([.. idle, 5]).Reused);
    }

    private static SlotFixture Unified(TinyModelSettings? settings = null, int slots = Slots, long parkedBytes = 0) =>
        new(Budget, settings, slots: slots, parkedBytes: parkedBytes, unified: true);

    private static byte[] StateOf(Slot slot)
    {
        using StateBuffer buffer = new();
        slot.Sequence.ReadState(buffer);
        return buffer.Slice(0, (int)buffer.Length).ToArray();
    }

    // The rows that the next token sees. Another slot may have taken the oldest cell of a window, which it does not see any more.
    private static byte[] RowsOf(Slot slot)
    {
        if (slot.Statistics.Cells == 0)
            return [];
        using StateBuffer buffer = new();
        slot.Sequence.ReadState(buffer);
        SequenceState all = SequenceState.Parse(buffer);
        byte[] rows = buffer.Slice(0, (int)(buffer.Length - all.TrailingBytes)).ToArray();
        if (all.TrailingBytes == 0)
            return rows;
        SequenceState window = SequenceState.ParseSecond(buffer, all);
        window.SortByPosition();
        return [.. rows, .. Enumerable.Range(0, window.LayerCount).SelectMany(layer => SeenOf(window.Keys(layer), window.KeyRow(layer)))];

        static byte[] SeenOf(Span<byte> keys, int row) => keys[Math.Max(0, keys.Length - (63 * row * sizeof(ushort)))..].ToArray();
    }

    // Ledgers and llama.cpp agree, each slot holds no more than it was lent, and all together no more than there is.
    private static void AssertConsistent(SlotFixture fixture)
    {
        Assert.InRange(fixture.Pool.Statistics.Cells, 0, fixture.Pool.Statistics.Capacity);
        Assert.InRange(fixture.Pool.Slots.Sum(static slot => slot.Share.Capacity.Cells), 0, fixture.Pool.Statistics.Capacity);
        foreach (Slot slot in fixture.Pool.Slots)
        {
            Assert.InRange(slot.Share.Capacity.Cells, fixture.Pool.Plan.Capacity.Cells, fixture.Pool.Plan.Shares.Most.Cells);
            Assert.InRange(slot.Statistics.Cells, 0, slot.Share.Capacity.Cells);
            Assert.Equal(slot.Statistics.Cells, BitConverter.ToInt32(StateOf(slot).AsSpan(12)));
        }
    }

    private static void AssertLogitsOfAFreshCache(SlotFixture fixture, int[] prompt)
    {
        float[] logits = fixture.Logits();
        using SlotPool fresh =
            new(fixture.Model, fixture.Probe, KvCacheBudget.FromCells(512), EvictionPolicy.Salience, 1, NullLogger.Instance);
        fresh.Slots[0].Prefill(prompt, logits: true);
        Assert.All(fresh.Context.Logits().ToArray().Zip(logits), static pair => Assert.Equal(pair.First, pair.Second, 3e-2f));
    }

    private sealed class Failing(Func<bool> fails) : KeyScorer
    {
        public override void Score(in HeadRows rows, Span<float> scores)
        {
            if (fails())
                throw new InvalidOperationException("The scorer failed.");
            scores.Clear();
        }
    }
}
