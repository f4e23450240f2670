using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Slots;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvNorm.Tests.KvCache.Slots;

/// <summary>Which conversation gets which slot, and what it finds there.</summary>
public sealed class SlotPoolTests
{
    private const int System = 40; // tokens of a system prompt
    private const long Plenty = 1 << 30;

    private static readonly KvCacheBudget Budget = KvCacheBudget.FromCells(400);

    [Fact]
    public void Constructor_SeveralSlots_ShareTheBudgetEqually()
    {
        using SlotFixture fixture = new(Budget, slots: 4);
        Assert.All(fixture.Pool.Slots, static slot => Assert.Equal(100, slot.Statistics.Capacity));
        Assert.Equal(400, fixture.Pool.Statistics.Capacity);
        Assert.Equal(4, fixture.Pool.Statistics.Slots);
    }

    [Fact]
    public void Constructor_TooManySlots_SaysHowMuchEachNeeds()
    {
        KvCacheBudgetException cells = Assert.Throws<KvCacheBudgetException>(() => new SlotFixture(KvCacheBudget.FromCells(100), slots: 4));
        Assert.Contains("4 slots", cells.Message, StringComparison.Ordinal);
        Assert.Equal(4 * KvCacheBudget.MinimumCells, cells.RequiredCells);
        KvCacheBudgetException bytes =
            Assert.Throws<KvCacheBudgetException>(() => new SlotFixture(KvCacheBudget.FromMebibytes(0.3), slots: 4));
        Assert.Contains("4 slots", bytes.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Take_GoneOnWith_GetsTheSlotThatHoldsMostOfIt()
    {
        using SlotFixture fixture = new(Budget, slots: 4);
        int[][] prompts = [.. Enumerable.Range(0, 4).Select(i => SlotFixture.Tokens(i * 7, 60))];
        Slot[] slots = [.. prompts.Select(prompt => fixture.Serve(prompt).Slot)];
        Assert.Equal(4, slots.Distinct().Count());
        foreach (int i in new[] { 2, 0, 3, 1 })
        {
            (Slot slot, int reused) = fixture.Serve([.. prompts[i], 5, 6, 7]);
            Assert.Same(slots[i], slot);
            Assert.Equal(60, reused);
        }
    }

    [Fact]
    public void Take_AnswerAskedForAgain_StaysInItsSlot()
    {
        using SlotFixture fixture = new(Budget, slots: 2);
        int[] prompt = SlotFixture.Tokens(0, System + 10);
        (Slot slot, _) = fixture.Serve([.. prompt, .. SlotFixture.Tokens(200, 100)], System);
        Assert.Equal((slot, prompt.Length - 1), fixture.Serve(prompt, System));
    }

    [Fact]
    public void Take_SameSystemPrompt_IsCopiedAndNotReadAgain()
    {
        using SlotFixture fixture = new(Budget, slots: 2);
        int[] first = [.. SlotFixture.Tokens(0, System), .. SlotFixture.Tokens(100, 40)];
        int[] second = [.. SlotFixture.Tokens(0, System), .. SlotFixture.Tokens(300, 20)];
        (Slot one, _) = fixture.Serve(first, System);
        (Slot two, int reused) = fixture.Serve(second, System);
        Assert.NotSame(one, two);
        Assert.Equal(System, reused);
        Assert.Equal(first.Length, one.Conversation.Length);
        AssertLogitsOfAFreshCache(fixture, second);
    }

    [Fact]
    public void Take_SystemPromptInASlotThatIsBusy_IsCopiedToo()
    {
        using SlotFixture fixture = new(Budget, slots: 2);
        int[] prompt = SlotFixture.Tokens(0, 60);
        Slot busy = fixture.Pool.Take(prompt);
        busy.Pin(System, 0, 60, 60);
        busy.Prefill(prompt, logits: true);
        int[] other = [.. prompt[..System], .. SlotFixture.Tokens(500, 10)];
        Assert.Equal(System, fixture.Serve(other, System).Reused);
        Assert.Equal(60, busy.Conversation.Length);
        AssertLogitsOfAFreshCache(fixture, other);
    }

    // Its state would be copied and thrown away at once.
    [Fact]
    public void Take_SameSystemPromptInAStateThatCannotGoBack_CopiesNothing()
    {
        using SlotFixture fixture = new(Budget, TinyModelSettings.Of("lfm2"), slots: 2, parkedBytes: Plenty);
        int[] first = [.. SlotFixture.Tokens(0, System), .. SlotFixture.Tokens(100, 40)];
        int[] second = [.. SlotFixture.Tokens(0, System), .. SlotFixture.Tokens(300, 20)];
        fixture.Serve(first, System);
        Assert.Equal(0, fixture.Pool.ReusableLength(second));
        Assert.Equal(0, fixture.Pool.ReusableLength(first)); // its last token is decoded again
        fixture.Serve(second, System);
        fixture.Serve(SlotFixture.Tokens(600, 60), System); // the first conversation is parked
        Assert.Equal(1, fixture.Pool.Statistics.ParkedConversations);
        Assert.Equal(first.Length, fixture.Pool.ReusableLength([.. first, 5]));
        fixture.Serve([.. SlotFixture.Tokens(0, System), .. SlotFixture.Tokens(400, 20)], System);
        Assert.Equal(0, fixture.Pool.Statistics.RestoredConversations);
        Assert.Equal(first.Length, fixture.Serve([.. first, 5], System).Reused);
    }

    [Fact]
    public void Take_OneConversationMoreThanSlots_LeastRecentGivesWay()
    {
        using SlotFixture fixture = new(Budget, slots: 2);
        int[][] prompts = [.. Enumerable.Range(0, 3).Select(i => SlotFixture.Tokens(i * 7, 60))];
        (Slot first, _) = fixture.Serve(prompts[0]);
        fixture.Serve(prompts[1]);
        fixture.Serve(prompts[0]);
        Assert.NotSame(first, fixture.Serve(prompts[2]).Slot);
        Assert.Equal(59, fixture.Serve(prompts[0]).Reused);
        Assert.Equal(0, fixture.Serve(prompts[1]).Reused);
        Assert.Equal(0, fixture.Pool.Statistics.ParkedConversations);
    }

    [Theory]
    [InlineData(60, "llama")]  // nothing evicted
    [InlineData(450, "llama")] // evicted several times
    [InlineData(60, "gemma3")] // a second cache, of which llama.cpp hands out the window alone
    [InlineData(150, "gemma3")]
    [InlineData(450, "gemma3")]
    public void Take_ParkedConversation_ComesBackWithoutBeingReadAgain(int length, string architecture)
    {
        TinyModelSettings settings = TinyModelSettings.Of(architecture);
        using SlotFixture fixture = new(Budget, settings, slots: 2, parkedBytes: Plenty), undisturbed = new(Budget, settings, slots: 2);
        int[] prompt = SlotFixture.Tokens(0, length), next = [.. prompt, .. SlotFixture.Tokens(900, 30)];
        fixture.Serve(prompt);
        fixture.Serve(SlotFixture.Tokens(7, 60));
        fixture.Serve(SlotFixture.Tokens(14, 60));
        Assert.Equal(1, fixture.Pool.Statistics.ParkedConversations);
        Assert.InRange(fixture.Pool.Statistics.ParkedBytes, 1, Plenty);
        long seen = fixture.Pool.Statistics.TokensSeen;
        (_, int reused) = fixture.Serve(next);
        Assert.Equal(length, reused);
        Assert.Equal(30, fixture.Pool.Statistics.TokensSeen - seen);
        Assert.Equal(1, fixture.Pool.Statistics.RestoredConversations);
        Assert.Equal(1, fixture.Pool.Statistics.ParkedConversations); // the one that gave way

        undisturbed.Serve(prompt);
        undisturbed.Serve(next);
        SlotMechanismTests.AssertSimilar(undisturbed.Logits(), fixture.Logits(), architecture == "gemma3" ? 0.005 : 0);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3")]
    public void Read_EvictionsInEverySlot_AreThoseOfACacheOfItsOwn(string architecture)
    {
        TinyModelSettings settings = TinyModelSettings.Of(architecture);
        using SlotFixture fixture = new(KvCacheBudget.FromCells(600), settings, slots: 3);
        for (int i = 0; i < 3; i++)
        {
            int[] prompt = SlotFixture.Tokens(i * 7, 700);
            (Slot slot, _) = fixture.Serve(prompt);
            float[] logits = fixture.Logits();
            using SlotFixture alone = new(KvCacheBudget.FromCells(200), settings);
            alone.Serve(prompt);
            Assert.Equal(alone.Slot.Retention().Held, slot.Retention().Held);
            SlotMechanismTests.AssertSimilar(alone.Logits(), logits, architecture == "gemma3" ? 0.005 : 0);
        }
    }

    [Fact]
    public void Take_ParkedConversationThatGoesOn_EvictsAsIfItHadNeverLeft()
    {
        using SlotFixture fixture = new(Budget, slots: 1, parkedBytes: Plenty), undisturbed = new(Budget);
        int[] prompt = SlotFixture.Tokens(0, 700), next = [.. prompt, .. SlotFixture.Tokens(900, 600)];
        fixture.Serve(prompt);
        fixture.Serve(SlotFixture.Tokens(7, 60));
        fixture.Serve(next);
        undisturbed.Serve(prompt);
        undisturbed.Serve(next);
        Assert.Equal(undisturbed.Slot.Retention().Held, fixture.Slot.Retention().Held);
        Assert.Equal(undisturbed.Logits(), fixture.Logits());
    }

    [Fact]
    public void Take_ParkedBeginningOfAnother_IsCopiedAndStays()
    {
        using SlotFixture fixture = new(Budget, slots: 1, parkedBytes: Plenty);
        int[] prompt = SlotFixture.Tokens(0, 150);
        fixture.Serve(prompt, System);
        fixture.Serve(SlotFixture.Tokens(7, 60));
        int[] other = [.. prompt[..System], .. SlotFixture.Tokens(500, 10)];
        Assert.Equal(System, fixture.Serve(other, System).Reused);
        AssertLogitsOfAFreshCache(fixture, other);
        Assert.Equal(149, fixture.Serve(prompt, System).Reused);
    }

    [Fact]
    public void Take_ManyConversations_ParksNoMoreThanAllowed()
    {
        using SlotFixture fixture = new(Budget, parkedBytes: 1 << 18);
        for (int i = 0; i < 12; i++)
        {
            fixture.Serve(SlotFixture.Tokens(i * 7, 40 + (i * 20)));
            Assert.InRange(fixture.Pool.Statistics.ParkedBytes, 0, 1 << 18);
        }

        Assert.NotEqual(0, fixture.Pool.Statistics.ParkedConversations);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Take_AnyConversationsInAnyOrder_GiveTheLogitsOfAFreshCache(int seed)
    {
        Random random = new(seed);
        using SlotFixture fixture = new(KvCacheBudget.FromCells(900), slots: 3, parkedBytes: 1 << 19);
        int[][] conversations =
            [.. Enumerable.Range(0, 6).Select(i => (int[])[.. SlotFixture.Tokens(i % 2, System), .. SlotFixture.Tokens(i * 50, 5)])];
        for (int step = 0; step < 40; step++)
        {
            int i = random.Next(conversations.Length);
            int keep = random.Next(4) == 0 ? random.Next(System, conversations[i].Length) : conversations[i].Length;
            conversations[i] = [.. conversations[i][..Math.Min(keep, 200)], .. SlotFixture.Tokens(random.Next(1000), random.Next(1, 30))];
            fixture.Serve(conversations[i], System);
            AssertLogitsOfAFreshCache(fixture, conversations[i]);
        }

        Assert.Equal(0, fixture.Pool.Statistics.Evictions);
    }

    [Fact]
    public void Copy_SeveralHoldABeginning_IsOfTheLongest()
    {
        using SlotFixture fixture = new(Budget, slots: 2);
        int[] tokens = SlotFixture.Tokens(0, 100);
        Slot one = fixture.Pool.Take(tokens.AsSpan(0, 20));
        one.Resume(tokens.AsSpan(0, 20));
        one.Prefill(tokens.AsSpan(0, 20), logits: true);
        Slot two = fixture.Pool.Take(tokens);
        two.Prefill(tokens.AsSpan(two.Resume(tokens)), logits: true);
        Assert.Equal((20, 100), (one.Conversation.Length, two.Conversation.Length));
        using ConversationSnapshot? copy = fixture.Pool.Copy(tokens, archiveBytes: 0);
        Assert.Equal(100, copy!.Tokens.Length);
    }

    [Fact]
    public void Copy_ParkedHoldsMoreThanASlot_IsOfTheParked()
    {
        using SlotFixture fixture = new(Budget, slots: 2, parkedBytes: Plenty);
        int[] tokens = SlotFixture.Tokens(0, 100);
        fixture.Serve(tokens);
        fixture.Serve(SlotFixture.Tokens(7, 60));
        fixture.Serve(SlotFixture.Tokens(14, 60)); // parks it
        fixture.Serve(tokens[..20]); // such as a system prompt that another has, too
        using ConversationSnapshot? copy = fixture.Pool.Copy(tokens, archiveBytes: 0);
        Assert.Equal(100, copy!.Tokens.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)] // one of which is empty
    public void Copy_ParkedWithMoreThanTheConversation_IsCutAndDisturbsNobody(int slots)
    {
        using SlotFixture fixture = new(Budget, slots: slots, parkedBytes: Plenty);
        int[] tokens = SlotFixture.Tokens(0, 100), stopped = [.. tokens, .. SlotFixture.Tokens(300, 20)], other = SlotFixture.Tokens(7, 60);
        if (slots == 1)
        {
            fixture.Serve(stopped);
            fixture.Serve(other);
        }
        else
        {
            fixture.Serve(other);
            using SlotFixture elsewhere = new(Budget, slots: slots);
            elsewhere.Serve(stopped);
            fixture.Pool.Take(other);
            fixture.Pool.Take(SlotFixture.Tokens(500, 30));
            Assert.Null(fixture.Pool.Place(elsewhere.Pool.Copy(stopped, archiveBytes: 0)!)); // parked
            foreach (Slot slot in fixture.Pool.Slots)
                fixture.Pool.Release(slot);
        }

        Assert.Equal(1, fixture.Pool.Statistics.ParkedConversations);
        using ConversationSnapshot? copy = fixture.Pool.Copy(tokens, archiveBytes: 0);
        Assert.Equal(tokens[..99], copy!.Tokens);
        Assert.Equal(60, fixture.Serve([.. other, 5]).Reused);
        Assert.Equal(120, fixture.Pool.ReusableLength([.. stopped, 5]));
    }

    [Fact]
    public void Take_PromptHalfOfWhichANamedConversationHas_DoesNotCutThat()
    {
        using SlotFixture fixture = new(Budget, slots: 2);
        int[] one = SlotFixture.Tokens(0, 100), other = [.. one[..80], .. SlotFixture.Tokens(300, 20)];
        (Slot first, _) = fixture.Serve(one);
        fixture.Pool.Trace(first, ConversationTrace.Named("one"));
        Slot second = fixture.Pool.Take(other, name: "other");
        Assert.NotSame(first, second);
        Assert.Equal(80, second.Resume(other));
        fixture.Pool.Release(second);
        Assert.Same(first, fixture.Pool.Take(one.AsSpan(0, 90), name: "one")); // its own, asked again
        fixture.Pool.Release(first);
        Assert.Same(first, fixture.Pool.Take([.. one, 5])); // nothing of it is lost
    }

    [Fact]
    public void Place_FitsNowhere_TakesNobodysArchive()
    {
        ArchiveLimits archive = new(2 << 20);
        using SlotFixture fixture = new(Budget, archive: archive), other = new(Budget, archive: archive);
        int[] tokens = SlotFixture.Tokens(0, 6000);
        Slot busy = fixture.Pool.Take(tokens);
        busy.Prefill(tokens, logits: true);
        other.Serve(SlotFixture.Tokens(7, 600));
        int archived = busy.Statistics.ArchivedTokens;
        Assert.InRange(archived, 1, tokens.Length - 1000); // it is full
        ConversationSnapshot saved = other.Pool.Copy(SlotFixture.Tokens(7, 600), archiveBytes: 1 << 20)!;
        Assert.NotNull(saved.SavedArchive);
        Assert.Null(fixture.Pool.Place(saved));
        Assert.Equal(archived, busy.Statistics.ArchivedTokens);
    }

    [Fact]
    public void Take_ParkingFails_GivesTheSlotAwayTheNextTime()
    {
        EvictionPolicy policy = EvictionPolicy.Custom("scripted", static _ => new WrongHeads());
        using SlotFixture fixture = new(Budget, policy: policy, parkedBytes: Plenty);
        fixture.Serve(SlotFixture.Tokens(0, 60));
        Assert.Throws<InvalidOperationException>(() => fixture.Serve(SlotFixture.Tokens(300, 40)));
        Assert.Null(Record.Exception(() => fixture.Serve(SlotFixture.Tokens(300, 40))));
    }

    private static void AssertLogitsOfAFreshCache(SlotFixture fixture, int[] prompt)
    {
        float[] logits = fixture.Logits();
        KvCacheBudget budget = KvCacheBudget.FromCells(300);
        using SlotPool fresh = new(fixture.Model, fixture.Probe, budget, EvictionPolicy.Salience, 1, NullLogger.Instance);
        fresh.Slots[0].Prefill(prompt, logits: true);
        Assert.All(fresh.Context.Logits().ToArray().Zip(logits), static pair => Assert.Equal(pair.First, pair.Second, 3e-2f));
    }

    private sealed class WrongHeads : KeyScorer
    {
        public override void Score(in HeadRows rows, Span<float> scores) => scores.Clear();

        public override ScorerStatistics? Save() => new([[1]]);
    }
}
