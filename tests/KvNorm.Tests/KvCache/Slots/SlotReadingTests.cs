using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Recall;
using KvNorm.KvCache.Slots;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;
using static KvNorm.Tests.KvCache.Slots.SlotRecallTests;

namespace KvNorm.Tests.KvCache.Slots;

/// <summary>Recall where cells leave as a whole: what is asked for is read again.</summary>
public sealed class SlotReadingTests
{
    private const int Cells = 256;

    private static readonly TinyModelSettings Window = new() { Architecture = "gemma3", Layers = 6 };

    // What llama.cpp holds is the same as if the conversation had these tokens at its end.
    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3")]
    public void Recall_WhatTheQuestionNames_GivesTheLogitsOfATextThatRepeatsIt(string architecture)
    {
        using SlotFixture fixture = Fixture(architecture), repeating = Fixture(architecture);
        ReadFactAndNoise(fixture.Slot, 330);
        ReadFactAndNoise(repeating.Slot, 330);
        Assert.Equal(Fact.Length, fixture.Slot.Recall(new(Fact), Fact.Length).Tokens);
        fixture.Slot.Prefill(Fact, logits: true);
        repeating.Slot.Prefill([.. Fact, .. Fact], logits: true);
        Assert.Equal(repeating.Logits(), fixture.Logits());
        fixture.AssertConsistent();

        // With the next message it goes, and what was said after it stays where it is.
        int position = repeating.Slot.Conversation.Length - (2 * Fact.Length);
        fixture.Slot.Pin(0, 0, 0, 0);
        fixture.AssertConsistent();
        repeating.Slot.Sequence.Remove(position, position + Fact.Length);
        fixture.Slot.Prefill(Noise(4, 10), logits: true);
        repeating.Slot.Prefill(Noise(4, 10), logits: true);
        Assert.Equal(repeating.Logits(), fixture.Logits());
        fixture.AssertConsistent();
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3")]
    public void Recall_WhatTheQuestionNames_IsNoPartOfTheConversation(string architecture)
    {
        using SlotFixture fixture = Fixture(architecture);
        int fact = ReadFactAndNoise(fixture.Slot, 700);
        int[] tokens = fixture.Slot.Retention().Tokens;
        KvCacheStatistics before = fixture.Slot.Statistics;
        Assert.Equal(0, Held(fixture.Slot, fact));
        TokenRange span = new(fact, fact + Fact.Length);
        Assert.Equal([span], fixture.Slot.Recall(new(Fact), 5).Spans);
        Assert.Equal(0, fixture.Slot.Statistics.Recalls); // it is not read yet
        fixture.Slot.Prefill([30], logits: true);
        Assert.Equal(tokens, fixture.Slot.Retention().Tokens[..^1]);
        Assert.Equal([span], fixture.Slot.Retention().Recalled);
        Assert.Equal(1, Held(fixture.Slot, fact));
        KvCacheStatistics after = fixture.Slot.Statistics;
        Assert.Equal((1, (long)Fact.Length), (after.Recalls, after.RecalledTokens));
        Assert.Equal(before.TokensSeen + Fact.Length + 1, after.TokensSeen);
        Assert.Equal((before.LogicalTokens + 1, before.Cells + Fact.Length + 1), (after.LogicalTokens, after.Cells));
        Assert.True(after.RecallMilliseconds > 0);

        fixture.Slot.Prefill(Noise(4, 200), logits: true); // with evictions: it stays until the next message
        Assert.True(fixture.Slot.Statistics.Evictions > after.Evictions);
        Assert.Equal(1, Held(fixture.Slot, fact));
        fixture.AssertConsistent();
        fixture.Slot.Pin(0, 0, 0, 0);
        Assert.Equal((0, 0), (Held(fixture.Slot, fact), fixture.Slot.Conversation.Ledger.Positions.ReadAgain));
        Assert.Empty(fixture.Slot.Retention().Recalled);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Recall_CacheFull_EvictsFirst()
    {
        using SlotFixture fixture = Fixture("llama");
        int fact = ReadFactAndNoise(fixture.Slot, 700);
        fixture.Slot.Prefill(Noise(7, Cells - fixture.Slot.Statistics.Cells), logits: true);
        int evictions = fixture.Slot.Statistics.Evictions;
        Assert.Equal(Fact.Length, fixture.Slot.Recall(new(Fact), 20).Tokens);
        Assert.Equal(evictions + 1, fixture.Slot.Statistics.Evictions);
        fixture.Slot.Prefill(Noise(8, 20), logits: true);
        Assert.Equal((evictions + 1, 1), (fixture.Slot.Statistics.Evictions, Held(fixture.Slot, fact)));
        fixture.AssertConsistent();
    }

    [Fact]
    public void Recall_MessageThatNeedsAllTheRoom_ReadsNothingAgain()
    {
        using SlotFixture fixture = Fixture("llama");
        ReadFactAndNoise(fixture.Slot, 700);
        Assert.Equal(0, fixture.Slot.Recall(new(Fact), Cells / 2).Tokens);
    }

    [Fact]
    public void Recall_DecodeFails_IsAsIfItHadNotBeenAsked()
    {
        using SlotFixture fixture = Fixture("llama");
        int fact = ReadFactAndNoise(fixture.Slot, 700);
        int cells = fixture.Slot.Statistics.Cells;
        for (int round = 0; round < 2; round++)
        {
            fixture.Slot.Pin(0, 0, 0, 0);
            Assert.Equal(Fact.Length, fixture.Slot.Recall(new(Fact), 5).Tokens);
            fixture.Slot.Sequence.Context.Batch.Clear();
            Assert.Equal(0, fixture.Slot.Stage([30], round == 0 ? 3 : Fact.Length, logits: true)); // a part of it, or all
            Assert.True(fixture.Slot.StagesAgain);
            fixture.Slot.Rollback();
            Assert.False(fixture.Slot.StagesAgain);
            fixture.AssertConsistent();
        }

        fixture.Slot.Pin(0, 0, 0, 0);
        Assert.Equal((cells, 0, 0), (fixture.Slot.Statistics.Cells, fixture.Slot.Statistics.Recalls, Held(fixture.Slot, fact)));
        Assert.Equal(fixture.Slot.Conversation.Length, fixture.Slot.Conversation.Ledger.NextPosition);
        fixture.Slot.Prefill([30], logits: true);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Recall_ControlTokensInASpan_AreNotReadAgain()
    {
        using SlotFixture fixture = Fixture("llama");
        int[] fact = [.. Fact[..3], TinyVocabulary.EndMarker, .. Fact[3..]];
        fixture.Model.Vocabulary.ReserveSpecial(static _ => true);
        fixture.Slot.Prefill([.. Noise(1, 20), .. fact, .. Noise(3, 700)], logits: true);
        (TokenRange[] spans, int tokens) = fixture.Slot.Recall(new(Fact), 5);
        Assert.Equal([new TokenRange(20, 20 + fact.Length)], spans);
        Assert.Equal(Fact.Length, tokens);
    }

    // Each token that is read again takes a position of those that the model was trained for.
    [Fact]
    public void Resume_PositionsRunOut_ReadsTheConversationAnewWithoutThem()
    {
        using SlotFixture fixture = Fixture(new TinyModelSettings { ContextLength = 640 });
        int[] prompt = [.. Noise(1, 20), .. Fact, .. Noise(3, 330)], next = [.. prompt, .. Noise(4, 24)];
        fixture.Serve(prompt);
        Assert.Equal(Fact.Length, fixture.Slot.Recall(new(Fact), 1).Tokens);
        fixture.Slot.Prefill([], logits: false);
        fixture.Slot.Prefill(next.AsSpan(prompt.Length, 1), logits: true);
        fixture.Slot.Pin(0, 0, 0, 0);
        Assert.Equal(prompt.Length + 1 + Fact.Length, fixture.Slot.Conversation.Ledger.NextPosition);
        Assert.Equal(0, fixture.Serve(next).Reused);
        Assert.Equal(next.Length, fixture.Slot.Conversation.Ledger.NextPosition);
        Assert.Equal(0, fixture.Slot.Recall(new(Fact), 30).Tokens); // too near to the end
        fixture.Slot.Prefill(Noise(5, 640 - next.Length), logits: true);
        fixture.AssertConsistent();
    }

    // An answer that may be longer than the cache keeps its positions; one without a bound half of all.
    [Theory]
    [InlineData(0, true)]
    [InlineData(270, true)]
    [InlineData(300, false)]
    [InlineData(int.MaxValue, false)]
    public void Recall_LongAnswer_KeepsItsPositions(int answer, bool reads)
    {
        using SlotFixture fixture = Fixture(new TinyModelSettings { ContextLength = 640 });
        ReadFactAndNoise(fixture.Slot, 330); // 356 tokens, so 284 positions are left
        RecallQuestion question = new(Fact) { AnswerTokens = answer };
        Assert.Equal(reads ? Fact.Length : 0, fixture.Slot.Recall(question, 1).Tokens);
    }

    // Sentences that are held are pinned; beside a long message they must leave room for the next eviction.
    [Theory]
    [InlineData(10, 12, 42)]
    [InlineData(80, 0, 11)]
    public void Recall_HeldSentences_ArePinnedAsFarAsThereIsRoom(int message, int least, int most)
    {
        using SlotFixture fixture = Fixture("llama");
        string[] words = ["abcde.", "fghij.", "klmno.", "pqrst."];
        int[] facts = [.. words.SelectMany(static word => word.Select(static c => c == '.' ? LineBreak : TinyVocabulary.FirstByte + c))];
        fixture.Slot.Prefill([.. Noise(1, 700), LineBreak, .. facts], logits: true);
        int open = fixture.Slot.Conversation.Length;
        fixture.Slot.Pin(0, 0, open, open + message);
        fixture.Slot.Recall(new(facts), message);
        Assert.InRange((fixture.Slot.Conversation.Pinned.Recalled ?? []).Sum(static span => span.Length), least, most);
        fixture.Slot.Prefill(Noise(4, message), logits: true);
        fixture.Slot.Prefill(Noise(5, 300), logits: true); // an answer, with evictions
        fixture.AssertConsistent();
    }

    // A request that is cancelled while it is read leaves it at the end.
    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3")]
    public void Pin_NothingCameAfterIt_GivesTheLogitsOfAConversationWithoutIt(string architecture)
    {
        using SlotFixture fixture = Fixture(architecture);
        int[] prompt = [.. Noise(1, 20), .. Fact, .. Noise(3, 330)], next = [.. prompt, .. Noise(4, 20)];
        fixture.Serve(prompt);
        Assert.Equal(Fact.Length, fixture.Slot.Recall(new(Fact), 5).Tokens);
        fixture.Slot.Prefill([], logits: false);
        fixture.Slot.Pin(0, 0, 0, 0);
        fixture.AssertConsistent();
        Assert.Equal(architecture == "gemma3" ? 0 : prompt.Length, fixture.Serve(next).Reused);
        fixture.AssertConsistent();
    }

    private static SlotFixture Fixture(string architecture) => Fixture(architecture == "llama" ? null : Window);

    private static SlotFixture Fixture(TinyModelSettings? settings) => new(
        KvCacheBudget.FromCells(Cells),
        settings,
        EvictionPolicy.Named("recency"),
        static probe => SlotMechanismTests.Forced(probe, EvictionMechanism.RemoveCells),
        archive: new ArchiveLimits(1 << 20));
}
