using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Slots;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.KvCache.State;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class SavedSnapshotTests
{
    private static readonly KvCacheBudget Budget = KvCacheBudget.FromCells(200);

    [Theory]
    [InlineData(60)]
    [InlineData(450)]
    public void Read_WhatWasWritten_GoesOnAsIfItHadNeverLeft(int length)
    {
        using SlotFixture fixture = new(Budget), other = new(Budget);
        (int[] tokens, byte[] ledger, StateBuffer state) = Saved(fixture, length);
        using ConversationSnapshot? read = SavedSnapshot.Read(other.Pool.Plan, [.. tokens, 5, 6], ledger, state);
        Assert.NotNull(read);
        other.Slot.Restore(read);
        Assert.Equal(fixture.Slot.Retention().Held, other.Slot.Retention().Held);
        int[] more = SlotFixture.Tokens(900, 250);
        fixture.Slot.Prefill(more, logits: true);
        other.Slot.Prefill(more, logits: true);
        Assert.Equal(fixture.Slot.Retention().Held, other.Slot.Retention().Held);
        Assert.Equal(fixture.Logits(), other.Logits());
    }

    [Fact]
    public void MaximumBytes_FullSlot_SufficeForWhatIsWritten()
    {
        using SlotFixture fixture = new(Budget);
        (_, byte[] ledger, StateBuffer state) = Saved(fixture, 400);
        using (state)
        {
            Assert.InRange(ledger.Length, 1, SavedSnapshot.MaximumLedgerBytes(fixture.Pool.Plan));
            Assert.InRange(state.Length, 1, SavedSnapshot.MaximumRowBytes(fixture.Pool.Plan));
        }
    }

    [Fact]
    public void Read_OtherPolicy_LearnsAnew()
    {
        using SlotFixture fixture = new(Budget), other = new(
            Budget, policy: EvictionPolicy.Custom("other", static context => new KvNorm.KvCache.Scoring.SalienceScorer(context.HeadCount)));
        (int[] tokens, byte[] ledger, StateBuffer state) = Saved(fixture, 300);
        using ConversationSnapshot? read = SavedSnapshot.Read(other.Pool.Plan, tokens, ledger, state);
        Assert.NotNull(read);
        Assert.Null(read.Statistics);
    }

    [Theory]
    [InlineData(EvictionGranularity.All, EvictionMechanism.RewriteRows, 200)]
    [InlineData(EvictionGranularity.Head, EvictionMechanism.RewriteRowsKeepingPositions, 200)]
    [InlineData(EvictionGranularity.Head, EvictionMechanism.RewriteRows, 64)] // fewer cells than rows
    public void Read_CacheThatCannotHoldIt_IsNull(EvictionGranularity granularity, EvictionMechanism mechanism, int cells)
    {
        using SlotFixture fixture = new(Budget);
        using SlotFixture other = new(
            KvCacheBudget.FromCells(cells),
            policy: EvictionPolicy.Salience with { Granularity = granularity },
            change: probe => SlotMechanismTests.Forced(probe, mechanism));
        (int[] tokens, byte[] ledger, StateBuffer state) = Saved(fixture, 300);
        using (state)
            Assert.Null(SavedSnapshot.Read(other.Pool.Plan, tokens, ledger, state));
    }

    [Theory]
    [InlineData(300, 0, true)]
    [InlineData(300, 1, false)] // as many sets, of other heads
    [InlineData(60, 1, true)]   // nothing was evicted: every head holds all rows
    public void Read_OtherLayersSkipped_IsNullAfterAnEviction(int length, int skipped, bool isRead)
    {
        using SlotFixture fixture = Skipping(0), other = Skipping(skipped);
        (int[] tokens, byte[] ledger, StateBuffer state) = Saved(fixture, length);
        using (state)
            Assert.Equal(isRead, SavedSnapshot.Read(other.Pool.Plan, tokens, ledger, state) is not null);

        static SlotFixture Skipping(int layer) => new(
            Budget,
            new TinyModelSettings { Layers = 3 },
            EvictionPolicy.Salience with { Granularity = EvictionGranularity.All, SkippedLayers = [layer] });
    }

    [Theory]
    [InlineData(384, true)]
    [InlineData(768, false)] // its keys are turned otherwise, so these rows would say something else
    public void Read_LongRope_IsNullInAContextOnTheOtherSideOfTheOriginalLength(int cells, bool isRead)
    {
        using SlotFixture fixture = new(Budget, ModelProbeTests.LongRope), other = new(
            KvCacheBudget.FromCells(cells), ModelProbeTests.LongRope);
        (int[] tokens, byte[] ledger, StateBuffer state) = Saved(fixture, 300);
        using (state)
            Assert.Equal(isRead, SavedSnapshot.Read(other.Pool.Plan, tokens, ledger, state) is not null);
    }

    [Fact]
    public void Read_FewerTokensThanRows_Throws()
    {
        using SlotFixture fixture = new(Budget);
        (int[] tokens, byte[] ledger, StateBuffer state) = Saved(fixture, 300);
        using (state)
            Assert.Throws<InvalidDataException>(() => SavedSnapshot.Read(fixture.Pool.Plan, tokens[..299], ledger, state));
    }

    [Fact]
    public void Read_StateOfAnotherConversation_Throws()
    {
        using SlotFixture fixture = new(Budget);
        (int[] tokens, byte[] ledger, StateBuffer state) = Saved(fixture, 300);
        state.Dispose();
        fixture.Slot.Prefill([5], logits: false);
        using ConversationSnapshot longer = fixture.Slot.Save();
        Assert.Throws<InvalidDataException>(() => SavedSnapshot.Read(fixture.Pool.Plan, tokens, ledger, longer.State));
    }

    [Fact]
    public void Read_LedgerThatEndsTooSoon_Throws()
    {
        using SlotFixture fixture = new(Budget);
        (int[] tokens, byte[] ledger, StateBuffer state) = Saved(fixture, 300);
        using (state)
        {
            for (int length = 0; length < ledger.Length; length += 97)
                Assert.Throws<InvalidDataException>(() => SavedSnapshot.Read(fixture.Pool.Plan, tokens, ledger[..length], state));
        }
    }

    [Fact]
    public void Read_PrefixBeyondAllTokens_LeavesThePoolUsable()
    {
        using SlotFixture fixture = new(Budget), other = new(Budget);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 60), logits: false);
        ConversationSnapshot snapshot = fixture.Slot.Save() with { Pinned = new PinnedTokens(int.MaxValue, 0, 0) };
        byte[] ledger = SavedSnapshot.WriteLedger(snapshot, fixture.Pool.Plan);
        ConversationSnapshot read = SavedSnapshot.Read(other.Pool.Plan, snapshot.Tokens, ledger, snapshot.State)!;
        Assert.NotNull(read);
        other.Pool.Place(read);
        other.Serve(SlotFixture.Tokens(300, 40));
    }

    // It is known before the next request says it, for the cells that another conversation may need until then.
    [Theory]
    [InlineData(60, 12, 12)]
    [InlineData(60, 60, 0)] // too long to stay
    [InlineData(60, int.MaxValue, 0)]
    [InlineData(60, -1, 0)]
    [InlineData(10, 14, 10)] // beyond all tokens
    public void Read_FirstMessage_StaysWhereItIsShort(int tokens, int saved, int read)
    {
        using SlotFixture fixture = new(Budget);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, tokens), logits: false);
        PinnedTokens pinned = new(4, 0, 0) { FirstMessageEnd = saved };
        using ConversationSnapshot snapshot = fixture.Slot.Save() with { Pinned = pinned };
        byte[] ledger = SavedSnapshot.WriteLedger(snapshot, fixture.Pool.Plan);
        Assert.Equal(
            pinned with { FirstMessageEnd = read },
            SavedSnapshot.Read(fixture.Pool.Plan, snapshot.Tokens, ledger, snapshot.State)!.Pinned);
    }

    [Fact]
    public void Read_LengthOfANameThatCannotBe_IsInvalidData()
    {
        using SlotFixture fixture = new(Budget);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 60), logits: false);
        using ConversationSnapshot snapshot = fixture.Slot.Save();
        byte[] ledger = SavedSnapshot.WriteLedger(snapshot, fixture.Pool.Plan);
        byte[][] lengths = [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff, 0x0f]]; // too long; negative
        foreach (byte[] length in lengths)
        {
            byte[] changed = [.. length, .. ledger.AsSpan(length.Length)];
            Assert.Throws<InvalidDataException>(
                () => SavedSnapshot.Read(fixture.Pool.Plan, snapshot.Tokens, changed, snapshot.State));
        }
    }

    [Fact]
    public void Read_EvictedRowsOfNoHeads_Throws()
    {
        using SlotFixture fixture = new(Budget);
        (int[] tokens, byte[] ledger, StateBuffer state) = Saved(fixture, 300);
        int headsAt = sizeof(byte) + fixture.Pool.Plan.Policy.Name.Length + sizeof(bool), setsAt = headsAt + sizeof(int);
        byte[] changed = [.. ledger[..headsAt], 0, 0, 0, 0, .. ledger[(setsAt + (fixture.Pool.Plan.HeadCount * sizeof(int)))..]];
        using (state)
            Assert.Throws<InvalidDataException>(() => SavedSnapshot.Read(fixture.Pool.Plan, tokens, changed, state));
    }

    private static (int[] Tokens, byte[] Ledger, StateBuffer State) Saved(SlotFixture fixture, int length)
    {
        fixture.Slot.Prefill(SlotFixture.Tokens(0, length), logits: false);
        ConversationSnapshot snapshot = fixture.Slot.Save();
        return (snapshot.Tokens, SavedSnapshot.WriteLedger(snapshot, fixture.Pool.Plan), snapshot.State);
    }
}
