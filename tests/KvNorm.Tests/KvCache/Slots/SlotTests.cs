using FsCheck.Xunit;
using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Slots;
using KvNorm.Tests.KvCache.Eviction;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.Runtime;
using Microsoft.Extensions.Logging;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class SlotTests
{
    public static TheoryData<string> Policies() => new(EvictionPolicy.Names);

    [Theory]
    [MemberData(nameof(Policies))]
    public void Read_MoreThanFits_EvictsDownToTheLowMark(string policy)
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(200), policy: EvictionPolicy.Named(policy));
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 200), logits: false);
        Assert.Equal((200, 0), (fixture.Slot.Statistics.Cells, fixture.Slot.Statistics.Evictions));
        fixture.Slot.Prefill([50], logits: true);
        KvCacheStatistics statistics = fixture.Slot.Statistics;
        Assert.Equal((101, 1, 201L, 201), (statistics.Cells, statistics.Evictions, statistics.TokensSeen, statistics.LogicalTokens));
        Assert.Equal(100 * 4, statistics.EvictedRows);
        fixture.Slot.Prefill(SlotFixture.Tokens(201, 500), logits: true);
        fixture.AssertConsistent();
        Assert.All(fixture.Logits(), static logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public void Statistics_Memory_IsThatOfTheCells()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(200));
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 10), logits: false);
        KvCacheStatistics statistics = fixture.Slot.Statistics;
        Assert.Equal((512L, 200), (statistics.BytesPerCell, statistics.Capacity));
        Assert.Equal((5120L, 256 * 512L), (statistics.UsedBytes, statistics.AllocatedBytes));
        Assert.Null(statistics.LastEviction);
    }

    [Fact]
    public void Pin_PrefixAndOpenMessage_StayInEveryHead()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(200));
        fixture.Slot.Pin(12, 0, 40, 60);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 700), logits: true);
        float[] held = fixture.Slot.Retention().Held;
        Assert.True(fixture.Slot.Statistics.Evictions > 3);
        Assert.All(held[..12], static share => Assert.Equal(1, share));
        Assert.All(held[40..60], static share => Assert.Equal(1, share));
        Assert.All(held[^25..], static share => Assert.Equal(1, share));
        Assert.Contains(held[12..40], static share => share < 1);
    }

    // An eviction keeps 100 of the 200 cells, 25 of them recent ones.
    [Theory]
    [InlineData(12, 24, 40, 41, 1)]
    [InlineData(12, 25, 40, 41, 0)] // more than an eighth of what stays
    [InlineData(60, 67, 80, 81, 1)] // it leaves 8 rows
    [InlineData(60, 68, 80, 81, 0)] // and 7: fewer than it takes
    [InlineData(12, 24, 80, 130, 1)] // beside the message being answered
    [InlineData(12, 24, 80, 131, 1)] // and beside one that is too long to stay itself
    [InlineData(12, 24, 12, 23, 1)] // and is this one
    public void Pin_UsersFirstMessage_StaysWhereItIsShort(int prefix, int end, int openStart, int openEnd, float expected)
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(200), policy: EvictionPolicy.Named("recency"));
        fixture.Slot.Pin(prefix, end, openStart, openEnd);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 700), logits: true);
        fixture.AssertConsistent();
        Assert.True(fixture.Slot.Statistics.Evictions > 3);
        int open = Math.Min(openEnd, openStart + 50);
        Assert.Equal(openEnd == open, fixture.Slot.Retention().Held[(open - 1)..openEnd].All(static share => share == 1));
        AssertHeld();
        using ConversationSnapshot saved = fixture.Slot.Save();
        fixture.Slot.Clear();
        fixture.Slot.Restore(saved);
        int least = fixture.Pool.Plan.LeastBeside(fixture.Slot.Conversation.Pinned.Front);
        fixture.Slot.GiveUp(least); // idle, for another
        Assert.Equal(least, fixture.Slot.Statistics.Cells);
        AssertHeld();

        void AssertHeld() => Assert.All(fixture.Slot.Retention().Held[prefix..end], held => Assert.Equal(expected, held));
    }

    // What was said is found by its rare words where it can come back, so only what is new is held for them.
    [Theory]
    [InlineData(EvictionMechanism.RewriteRows, 0, 1f)]
    [InlineData(EvictionMechanism.RewriteRows, 1 << 20, 0f)]
    [InlineData(EvictionMechanism.RemoveCells, 0, 1f)]
    [InlineData(EvictionMechanism.RemoveCells, 1 << 20, 0f)]
    public void Begin_RareWords_AreHeldWhereTheyCannotComeBack(EvictionMechanism mechanism, long archive, float before)
    {
        EvictionPolicy policy = EvictionPolicy.Custom("rising", static _ => new FixedScorer(static row => row)) with { RarityWeight = 100 };
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(200),
            policy: policy,
            change: probe => SlotMechanismTests.Forced(probe, mechanism),
            archive: new ArchiveLimits(archive));
        int[] text = [.. Enumerable.Repeat(TinyVocabulary.FirstByte + 0xE6, 500)]; // several evictions
        for (int i = 0; i < 10; i++) // parts of characters, each a word by itself
            (text[20 + i], text[120 + i]) = (TinyVocabulary.FirstByte + 0x80 + i, TinyVocabulary.FirstByte + 0x90 + i);
        fixture.Slot.Begin(100);
        fixture.Slot.Prefill(text, logits: true);
        AssertHeld(before, 20);
        AssertHeld(1, 120); // which the scorer alone would not keep
        fixture.Slot.GiveUp(60); // nothing is being answered: all of it can come back
        AssertHeld(before, 120);

        void AssertHeld(float share, int start) =>
            Assert.All(fixture.Slot.Retention().Held[start..(start + 10)], held => Assert.Equal(share, held));
    }

    [Fact]
    public void Clear_WhatCameBack_PinsNothingOfTheNextConversation()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(200));
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 100), logits: true);
        fixture.Slot.Conversation.Pinned = fixture.Slot.Conversation.Pinned with { Recalled = [new TokenRange(20, 30)], RareFrom = 90 };
        fixture.Slot.Clear();
        Assert.Equal(new PinnedTokens(fixture.Pool.Plan.Policy.Sinks, 0, 0), fixture.Slot.Conversation.Pinned);
    }

    [Fact]
    public void Pin_OpenMessageTooLong_IsReadAndEvictedLikeAnyText()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(200));
        fixture.Slot.Pin(12, 0, 12, 500);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 600), logits: true);
        fixture.AssertConsistent();
        Assert.Contains(fixture.Slot.Retention().Held[12..500], static share => share == 0);
    }

    [Theory]
    [InlineData(100, 0.25, 0.5)]
    [InlineData(0, 0.99, 0.5)]
    [InlineData(17, 0.5, 0.1)]
    [InlineData(333, 0.1, 0.9)]
    [InlineData(50, 0.333, 0.37)]
    [InlineData(1000, 0, 0.5)]
    public void Pin_TooMuch_SaysHowManyCellsSuffice(int prefix, double window, double low)
    {
        // The sinks alone may be too much for the first budget, and the prefix for the second; the third must do.
        int cells = KvCacheBudget.MinimumCells;
        List<int> required = [];
        while (TryPin(cells) is { } exception)
        {
            Assert.Equal(cells, exception.AvailableCells);
            Assert.Contains($"{exception.RequiredCells}", exception.Message, StringComparison.Ordinal);
            required.Add(cells = (int)exception.RequiredCells);
            Assert.InRange(required.Count, 1, 2);
        }

        Assert.NotEmpty(required);

        KvCacheBudgetException? TryPin(int available)
        {
            EvictionPolicy policy = EvictionPolicy.Salience with { RecentWindow = window };
            try
            {
                using SlotFixture fixture = new(
                    KvCacheBudget.FromCells(available) with { LowMark = low }, new TinyModelSettings { ContextLength = 100_000 }, policy);
                fixture.Slot.Pin(prefix, 0, 0, 0);
                fixture.Slot.Prefill(SlotFixture.Tokens(0, available + 1), logits: false);
                Assert.All(fixture.Slot.Retention().Held[..prefix], static share => Assert.Equal(1, share));
                return null;
            }
            catch (KvCacheBudgetException e)
            {
                return e;
            }
        }
    }

    [Property(MaxTest = 20)]
    public void Slot_AnySequenceOfRequests_StaysWithinItsCells(int seed)
    {
        Random random = new(seed);
        KvCacheBudget budget = KvCacheBudget.FromCells(random.Next(64, 200)) with { HighMark = 0.9 };
        string name = EvictionPolicy.Names[random.Next(EvictionPolicy.Names.Count)];
        using SlotFixture fixture = new(budget, policy: EvictionPolicy.Named(name));
        for (int step = 0; step < 12; step++)
        {
            int length = fixture.Slot.Conversation.Length;
            switch (random.Next(4))
            {
                case 0 when length > 0:
                    int[] prompt = fixture.Slot.Retention().Tokens[..random.Next(1, length + 1)];
                    prompt[random.Next(prompt.Length)] ^= random.Next(2);
                    int reused = fixture.Slot.Resume(prompt);
                    Assert.InRange(reused, 0, prompt.Length - 1);
                    Assert.Equal(prompt[..reused], fixture.Slot.Retention().Tokens);
                    fixture.Slot.Prefill(prompt.AsSpan(reused), logits: true);
                    break;
                case 1:
                    fixture.Slot.Pin(random.Next(5), random.Next(20), length, length + random.Next(20));
                    break;
                default:
                    fixture.Slot.Prefill([.. Enumerable.Range(0, random.Next(1, 150)).Select(_ => random.Next(20, 300))], logits: true);
                    break;
            }

            fixture.AssertConsistent();
        }
    }

    [Fact]
    public void Read_CloseMarks_GoesOn()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(100) with { HighMark = 0.505 });
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 300), logits: true);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Read_NegativeSeed_Evicts()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(100), policy: EvictionPolicy.Named("random") with { Seed = -5 });
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 300), logits: true);
        Assert.True(fixture.Slot.Statistics.Evictions > 0);
    }

    [Fact]
    public void Read_Cancelled_LeavesAConsistentCache()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(1500), embedded: true);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 30), logits: true);
        Assert.ThrowsAny<OperationCanceledException>(() => fixture.Slot.Prefill([5], logits: true, new CancellationToken(canceled: true)));
        using CancellationTokenSource source = new();
        source.CancelAfter(TimeSpan.FromMilliseconds(100)); // a thousand tokens take seconds
        Assert.ThrowsAny<OperationCanceledException>(() => fixture.Slot.Prefill(SlotFixture.Tokens(30, 1000), logits: true, source.Token));
        fixture.AssertConsistent();
        fixture.Slot.Prefill([5], logits: true);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Read_NoSuchToken_ThrowsAndKeepsWhatWasThere()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(100));
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 30), logits: true);
        Assert.Throws<ArgumentOutOfRangeException>(() => fixture.Slot.Prefill([20, 1_000_000], logits: true));
        Assert.Equal(30, fixture.Slot.Conversation.Length);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Constructor_WeakerMechanism_IsLogged()
    {
        RecordingLogger logger = new();
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(100),
            change: static probe => probe with { Geometry = null, Mechanism = EvictionMechanism.RemoveCells, Reason = "for a test" },
            logger: logger);
        (LogLevel Level, EventId Id, string Text)[] warnings = [.. logger.Warnings];
        Assert.Equal([2, 3], warnings.Select(static line => line.Id.Id));
        Assert.All(warnings, static line => Assert.Contains("for a test", line.Text, StringComparison.Ordinal));
        IEnumerable<int> rare = Enumerable.Range(TinyVocabulary.FirstByte + 0x80, 70); // parts of characters, each a word by itself
        fixture.Slot.Prefill([.. rare, .. Enumerable.Repeat(TinyVocabulary.FirstByte + 0xE6, 50)], logits: true);
        Assert.All(fixture.Slot.Retention().Held[^50..], static share => Assert.Equal(1, share)); // recency alone in the policy's place
        fixture.AssertConsistent();
    }
}
