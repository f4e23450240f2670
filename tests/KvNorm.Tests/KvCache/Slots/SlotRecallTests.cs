using System.Numerics.Tensors;
using FsCheck.Xunit;
using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Recall;
using KvNorm.KvCache.Slots;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.Runtime;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class SlotRecallTests
{
    private const int Cells = 256;
    internal const int LineBreak = TinyVocabulary.FirstByte + '\n'; // ends a span whatever follows

    private static readonly ArchiveLimits Archive = new(64 << 20);

    // A fact of rare letters in noise of common ones: noise, fact, noise.
    internal static readonly int[] Fact = Letters("xyzzy\n");

    [Theory]
    [InlineData(EvictionMechanism.RewriteRows)]
    [InlineData(EvictionMechanism.RewriteRowsKeepingPositions)]
    public void Recall_WhatTheQuestionNames_EveryHeadHoldsItAgain(EvictionMechanism mechanism)
    {
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(Cells), change: probe => SlotMechanismTests.Forced(probe, mechanism), archive: Archive);
        int fact = ReadFactAndNoise(fixture.Slot, 700);
        Assert.True(Held(fixture.Slot, fact) < 0.9);
        (TokenRange[] spans, int recalled) = fixture.Slot.Recall(new(Fact), Fact.Length);
        Assert.InRange(recalled, 1, Cells / 6);
        Assert.Equal([new TokenRange(fact, fact + Fact.Length)], spans);
        Assert.Equal(spans, fixture.Slot.Retention().Recalled);
        Assert.Equal(1, Held(fixture.Slot, fact));
        fixture.AssertConsistent();
        KvCacheStatistics statistics = fixture.Slot.Statistics;
        Assert.Equal((1, recalled), (statistics.Recalls, statistics.RecalledTokens));
        Assert.True(statistics.RecallMilliseconds > 0);
        fixture.Slot.Prefill(Noise(2, 100), logits: true); // with an eviction: what was asked for stays
        Assert.Equal(1, Held(fixture.Slot, fact));
        fixture.AssertConsistent();
        fixture.Slot.Pin(0, 0, 0, 0); // another message
        Assert.Empty(fixture.Slot.Retention().Recalled);
    }

    [Fact]
    public void Recall_EvictionDue_BothInOnePass()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(Cells), archive: Archive);
        int fact = ReadFactAndNoise(fixture.Slot, 700);
        KvCacheStatistics before = fixture.Slot.Statistics;
        int coming = Cells - before.Cells + 1;
        fixture.Slot.Recall(new(Fact), coming);
        KvCacheStatistics after = fixture.Slot.Statistics;
        Assert.Equal((before.Evictions + 1, Cells / 2), (after.Evictions, after.Cells));
        Assert.Equal(1, Held(fixture.Slot, fact));
        fixture.Slot.Prefill(Noise(2, coming), logits: true);
        Assert.Equal(after.Evictions, fixture.Slot.Statistics.Evictions);
    }

    // An eviction keeps 128 rows: 60 of the system prompt, 16 of the first message, 32 recent ones, 20 others. What is read again is beside
    // these.
    [Theory]
    [InlineData(EvictionMechanism.RewriteRows, 15, 1f)]
    [InlineData(EvictionMechanism.RewriteRows, 25, 0f)]
    [InlineData(EvictionMechanism.RemoveCells, 25, 1f)]
    public void Recall_NoRoomBesideTheFirstMessage_ItGivesWayAndCanBeAskedFor(EvictionMechanism mechanism, int length, float stays)
    {
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(Cells),
            policy: EvictionPolicy.Named("recency"),
            change: probe => SlotMechanismTests.Forced(probe, mechanism),
            archive: Archive);
        int[] first = Letters("mnopqrsmnopqrsm\n"), fact = Letters(new string('x', length - 1) + '\n');
        fixture.Slot.Pin(60, 76, 0, 0);
        fixture.Slot.Prefill([.. Noise(1, 60), .. first, .. Noise(4, 24), .. fact, .. Noise(3, 600)], logits: true);
        AssertFirst(1);
        (TokenRange[] spans, _) = fixture.Slot.Recall(new(fact), 1);
        Assert.Equal([new TokenRange(100, 100 + length)], spans);
        fixture.Slot.Prefill(Noise(2, Cells), logits: true);
        AssertFirst(stays);
        fixture.Slot.Pin(60, 76, 0, 0); // another message
        fixture.Slot.Recall(new(first), 1);
        AssertFirst(1);
        fixture.AssertConsistent();

        void AssertFirst(float share) => Assert.All(fixture.Slot.Retention().Held[60..76], held => Assert.Equal(share, held));
    }

    // 72 rows, none evicted: little room beside the first message, until the cache fills.
    [Fact]
    public void Recall_NothingAskedFor_TheFirstMessageStays()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(Cells), policy: EvictionPolicy.Named("recency"), archive: Archive);
        fixture.Slot.Pin(60, 70, 0, 0);
        fixture.Slot.Prefill(Noise(1, 72), logits: true);
        fixture.Slot.Pin(60, 70, 72, 572);
        Assert.Empty(fixture.Slot.Recall(new(Letters("QWRT")), 500).Spans);
        fixture.Slot.Prefill(Noise(2, 500), logits: true);
        Assert.All(fixture.Slot.Retention().Held[60..70], static held => Assert.Equal(1, held));
    }

    // Noise, fact, noise, what has some of the fact's letters, noise. The heads hold the latest tokens.
    [Theory]
    [InlineData(EvictionMechanism.RewriteRows)]
    [InlineData(EvictionMechanism.RewriteRowsKeepingPositions)]
    public void Recall_SpanWithSomeOfTheWords_LeavesForWhatWasSaidBefore(EvictionMechanism mechanism)
    {
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(Cells),
            policy: EvictionPolicy.Named("recency"),
            change: probe => SlotMechanismTests.Forced(probe, mechanism),
            archive: Archive);
        int[] fact = Letters("mnopqrs\n"), misleading = Letters("mnoabc\n"), asked = Letters("mnopqrs");
        fixture.Slot.Prefill([.. Noise(1, 20), .. fact, .. Noise(3, 600), .. misleading, .. Noise(4, 30)], logits: true);
        int[] before = HeldTokens(fixture.Slot);
        TokenRange distractor = new(628, 635);
        Assert.Subset(before.ToHashSet(), Enumerable.Range(distractor.Start, distractor.Length).ToHashSet());
        (TokenRange[] spans, int recalled) = fixture.Slot.Recall(new(asked), asked.Length);
        Assert.Equal([new TokenRange(20, 28)], spans);
        Assert.Equal(8, recalled);
        int[] after = HeldTokens(fixture.Slot);
        int[] stays = [.. before.Where(token => !distractor.Contains(token))];
        int[] come = [.. Enumerable.Range(28, 600).Except(before).TakeLast(distractor.Length)];
        Assert.Equal(Enumerable.Range(20, 8).Concat(come).Concat(stays).Order(), after);
        fixture.AssertConsistent();
        fixture.Slot.Prefill(asked, logits: true);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Recall_SpanAfterTheMessage_StaysThoughItMisleads()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(Cells), policy: EvictionPolicy.Named("recency"), archive: Archive);
        int[] message = Letters("mnopqrs\n"), result = Letters("mnoabc\n");
        fixture.Slot.Prefill([.. Noise(1, 20), .. message, .. Noise(3, 600)], logits: true);
        fixture.Slot.Pin(0, 0, 628, 636);
        fixture.Slot.Prefill([.. message, .. result, .. Noise(4, 10)], logits: true);
        (TokenRange[] spans, _) = fixture.Slot.Recall(new(message), 1);
        Assert.Equal([new TokenRange(20, 28)], spans);
        Assert.Subset(HeldTokens(fixture.Slot).ToHashSet(), Enumerable.Range(628, 15).ToHashSet());
    }

    // More of them than there is room for: what is held of the others says nothing.
    [Fact]
    public void Recall_SpansAsNearWithoutRoom_LeaveWhereAPartIsHeld()
    {
        EvictionPolicy policy = EvictionPolicy.Salience with { RarityWeight = 0 }; // what is said so often would all go
        using SlotFixture fixture = new(KvCacheBudget.FromCells(Cells), policy: policy, archive: Archive);
        int[] fact = Letters("mnopqrs\n");
        int[] facts = [.. Enumerable.Repeat(fact, 12).SelectMany(static one => one)];
        fixture.Slot.Prefill([.. Noise(1, 20), .. facts, .. Noise(3, 600)], logits: true);
        float[] before = fixture.Slot.Retention().Held;
        (TokenRange[] spans, _) = fixture.Slot.Recall(new(Letters("mnopqrs")), 7);
        float[] after = fixture.Slot.Retention().Held;
        Assert.Equal(Cells / 6 / fact.Length, spans.Length);
        TokenRange[] others = [.. Enumerable.Range(0, 12).Select(i => new TokenRange(20 + (8 * i), 28 + (8 * i))).Except(spans)];
        Assert.Contains(others, span => before[span.Start..span.End].Any(static share => share > 0));
        Assert.All(others, span => Assert.All(after[span.Start..span.End], static share => Assert.Equal(0, share)));
        fixture.AssertConsistent();
    }

    // A call and its result, of which the question names one: noise, call, result, noise.
    [Theory]
    [InlineData(30, true)]
    [InlineData(100, false)] // too long together
    public void Recall_ResultOfACall_ComesBackWithTheCallWhereBothAreShort(int call, bool together)
    {
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(600), policy: EvictionPolicy.Named("recency"), archive: Archive);
        int[] before = Noise(1, 20);
        fixture.Slot.Prefill([.. before, .. Noise(2, call), .. Fact, .. Noise(3, 1200)], logits: true);
        TokenRange exchange = new(before.Length, before.Length + call + Fact.Length);
        TokenRange result = exchange with { Start = before.Length + call };
        RecallQuestion question = new(Fact) { Exchanges = [exchange, new TokenRange(2000, 2010)] };
        Assert.Equal([together ? exchange : result], fixture.Slot.Recall(question, 1).Spans);
        float[] held = fixture.Slot.Retention().Held;
        Assert.All(held[result.Start..result.End], static share => Assert.Equal(1, share));
        Assert.All(held[exchange.Start..result.Start], share => Assert.Equal(together ? 1 : 0, share));
        fixture.AssertConsistent();
    }

    [Fact]
    public void Recall_ExchangeWithoutRoom_BringsTheSpanAlone()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(Cells), policy: EvictionPolicy.Named("recency"), archive: Archive);
        int fact = ReadFactAndNoise(fixture.Slot, 700);
        RecallQuestion question = new(Fact) { Exchanges = [new TokenRange(0, Cells / 6 + 1)] };
        Assert.Equal([new TokenRange(fact, fact + Fact.Length)], fixture.Slot.Recall(question, 1).Spans);
    }

    [Fact]
    public void Recall_NothingEvictedYet_CostsNothing()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(Cells), archive: Archive);
        fixture.Slot.Prefill([.. Fact, .. Noise(1, 100)], logits: true);
        Assert.Equal(0, fixture.Slot.Recall(new(Fact), 10).Tokens);
        KvCacheStatistics statistics = fixture.Pool.Statistics;
        Assert.Equal((0, 0, 0L), (statistics.Recalls, statistics.ArchivedTokens, statistics.ArchiveBytes));
    }

    [Fact]
    public void Recall_NothingOfTheQuestionWasSaid_BringsNothingBack()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(Cells), archive: Archive);
        ReadFactAndNoise(fixture.Slot, 700);
        Assert.Equal(0, fixture.Slot.Recall(new(Letters("QWRT")), 4).Tokens);
        Assert.Equal(0, fixture.Slot.Statistics.Recalls);
    }

    [Fact]
    public void Recall_NoArchive_DoesNothing()
    {
        using SlotFixture fixture = new(KvCacheBudget.FromCells(Cells));
        int fact = ReadFactAndNoise(fixture.Slot, 700);
        float held = Held(fixture.Slot, fact);
        Assert.Equal(0, fixture.Slot.Recall(new(Fact), Fact.Length).Tokens);
        Assert.Equal(held, Held(fixture.Slot, fact));
    }

    // The archive follows a conversation out of its slot, and what it says is the same afterwards.
    [Theory]
    [InlineData(EvictionMechanism.RewriteRows)]
    [InlineData(EvictionMechanism.RemoveCells)]
    public void Recall_AfterParking_GivesTheSameLogits(EvictionMechanism mechanism)
    {
        Assert.Equal(Logits(parked: false), Logits(parked: true));

        float[] Logits(bool parked)
        {
            using SlotFixture fixture = new(
                KvCacheBudget.FromCells(Cells),
                policy: EvictionPolicy.Named("recency"),
                change: probe => SlotMechanismTests.Forced(probe, mechanism),
                parkedBytes: 64 << 20,
                archive: Archive);
            int[] prompt = [.. Noise(1, 20), .. Fact, .. Noise(3, 700)];
            fixture.Serve(prompt);
            if (parked)
            {
                fixture.Serve(SlotFixture.Tokens(0, 50));
                Assert.Equal(1, fixture.Pool.Statistics.ParkedConversations);
            }

            Slot slot = fixture.Pool.Take([.. prompt, .. Fact]);
            slot.Pin(0, 0, prompt.Length, prompt.Length);
            Assert.Equal(prompt.Length, slot.Resume([.. prompt, .. Fact]));
            Assert.True(slot.Recall(new(Fact), Fact.Length).Tokens > 0);
            slot.Prefill(Fact, logits: true);
            return fixture.Logits();
        }
    }

    [Fact]
    public void Recall_ArchiveFileFails_AnswersWithoutIt()
    {
        string file = Path.GetTempFileName(); // no folder can be made below it
        RecordingLogger logger = new();
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(Cells), logger: logger, archive: new ArchiveLimits(1 << 20, Path.Combine(file, "below"), 64 << 20));
        int fact = ReadFactAndNoise(fixture.Slot, 3000);
        float held = Held(fixture.Slot, fact);
        Assert.Equal(0, fixture.Slot.Recall(new(Fact), Fact.Length).Tokens);
        Assert.Equal(held, Held(fixture.Slot, fact));
        fixture.AssertConsistent();
        Assert.Single(logger.Warnings);
        File.Delete(file);
    }

    [Property(MaxTest = 15)]
    public void Slot_AnySequenceOfRequestsWithRecalls_StaysWithinItsCells(int seed)
    {
        Random random = new(seed);
        EvictionMechanism mechanism = (EvictionMechanism)random.Next(3);
        EvictionPolicy policy = EvictionPolicy.Salience with { Granularity = (EvictionGranularity)random.Next(3) };
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(random.Next(64, 200)),
            policy: policy,
            change: probe => SlotMechanismTests.Forced(probe, mechanism),
            archive: new ArchiveLimits(random.Next(1, 4) << 20));
        for (int step = 0; step < 12; step++)
        {
            int length = fixture.Slot.Conversation.Length;
            switch (random.Next(5))
            {
                case 0 when length > 0:
                    int[] prompt = fixture.Slot.Retention().Tokens[..random.Next(1, length + 1)];
                    prompt[random.Next(prompt.Length)] ^= random.Next(2);
                    int reused = fixture.Slot.Resume(prompt);
                    fixture.Slot.Prefill(prompt.AsSpan(reused), logits: true);
                    break;
                case 1:
                    fixture.Slot.Prefill([.. Enumerable.Range(0, random.Next(1, 150)).Select(_ => random.Next(20, 300))], logits: true);
                    break;
                case 2 when length > 0:
                    using (ConversationSnapshot snapshot = fixture.Slot.Save())
                        fixture.Slot.Restore(snapshot);
                    break;
                default:
                    int start = random.Next(length + 1);
                    int[] question = fixture.Slot.Retention().Tokens[start..Math.Min(length, start + random.Next(1, 20))];
                    fixture.Slot.Pin(random.Next(5), random.Next(20), length, length + random.Next(10));
                    fixture.Slot.Recall(new(question), random.Next(1, 40));
                    if (random.Next(3) == 0)
                        RollBack(fixture.Slot, question);
                    fixture.Slot.Prefill([.. question, 30], logits: true);
                    break;
            }

            fixture.AssertConsistent();
        }
    }

    // As when a decode is cancelled.
    private static void RollBack(Slot slot, int[] tokens)
    {
        slot.Sequence.Context.Batch.Clear();
        slot.Stage([.. tokens, 30], 100, logits: true);
        slot.Rollback();
    }

    /// <summary>Reads some noise, the fact and much noise.</summary>
    /// <returns>The fact's first token.</returns>
    internal static int ReadFactAndNoise(Slot slot, int noise)
    {
        int[] before = Noise(1, 20);
        slot.Prefill([.. before, .. Fact, .. Noise(3, noise)], logits: true);
        return before.Length;
    }

    internal static float Held(Slot slot, int fact) =>
        TensorPrimitives.Sum<float>(slot.Retention().Held.AsSpan(fact, Fact.Length)) / Fact.Length;

    internal static int[] Letters(string text) => [.. text.Select(static letter => TinyVocabulary.FirstByte + letter)];

    private static int[] HeldTokens(Slot slot)
    {
        float[] held = slot.Retention().Held;
        return [.. Enumerable.Range(0, held.Length).Where(token => held[token] > 0)];
    }

    // Sentences of the letters a to l, each ended.
    internal static int[] Noise(int seed, int count)
    {
        Random random = new(seed);
        int[] letters = [.. Enumerable.Range(0, count).Select(_ => TinyVocabulary.FirstByte + 'a' + random.Next(12))];
        for (int i = 9; i < count; i += 10)
            letters[i] = LineBreak;
        letters[^1] = LineBreak;
        return letters;
    }
}
