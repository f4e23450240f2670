using KvNorm.KvCache.Slots;
using KvNorm.Tests.Gguf;

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
        using ManagerFixture fixture = new(Budget, slots: 4);
        Assert.All(fixture.Pool.Slots, static slot => Assert.Equal(100, slot.Statistics.Capacity));
        Assert.Equal(400, fixture.Pool.Statistics.Capacity);
        Assert.Equal(4, fixture.Pool.Statistics.Slots);
    }

    [Fact]
    public void Constructor_TooManySlots_SaysHowMuchEachNeeds()
    {
        KvCacheBudgetException cells = Assert.Throws<KvCacheBudgetException>(() => new ManagerFixture(KvCacheBudget.FromCells(100), slots: 4));
        Assert.Contains("4 slots", cells.Message, StringComparison.Ordinal);
        Assert.Equal(4 * KvCacheBudget.LeastCells, cells.RequiredCells);
        KvCacheBudgetException bytes = Assert.Throws<KvCacheBudgetException>(() => new ManagerFixture(KvCacheBudget.FromMebibytes(0.3), slots: 4));
        Assert.Contains("4 slots", bytes.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Take_GoneOnWith_GetsTheSlotThatHoldsMostOfIt()
    {
        using ManagerFixture fixture = new(Budget, slots: 4);
        int[][] prompts = [.. Enumerable.Range(0, 4).Select(i => ManagerFixture.Tokens(i * 7, 60))];
        Slot[] slots = [.. prompts.Select(prompt => fixture.Read(prompt).Slot)];
        Assert.Equal(4, slots.Distinct().Count());
        foreach (int i in new[] { 2, 0, 3, 1 })
        {
            (Slot slot, int reused) = fixture.Read([.. prompts[i], 5, 6, 7]);
            Assert.Same(slots[i], slot);
            Assert.Equal(60, reused);
        }
    }

    [Fact]
    public void Take_AnswerAskedForAgain_StaysInItsSlot()
    {
        using ManagerFixture fixture = new(Budget, slots: 2);
        int[] prompt = ManagerFixture.Tokens(0, System + 10);
        (Slot slot, _) = fixture.Read([.. prompt, .. ManagerFixture.Tokens(200, 100)], System);
        Assert.Equal((slot, prompt.Length - 1), fixture.Read(prompt, System));
    }

    [Fact]
    public void Take_SameSystemPrompt_IsCopiedAndNotReadAgain()
    {
        using ManagerFixture fixture = new(Budget, slots: 2);
        int[] first = [.. ManagerFixture.Tokens(0, System), .. ManagerFixture.Tokens(100, 40)], second = [.. ManagerFixture.Tokens(0, System), .. ManagerFixture.Tokens(300, 20)];
        (Slot one, _) = fixture.Read(first, System);
        (Slot two, int reused) = fixture.Read(second, System);
        Assert.NotSame(one, two);
        Assert.Equal(System, reused);
        Assert.Equal(first.Length, one.LogicalLength);
        AssertLogitsOfAFreshCache(fixture, second);
    }

    [Fact]
    public void Take_SystemPromptInASlotThatIsBusy_IsCopiedToo()
    {
        using ManagerFixture fixture = new(Budget, slots: 2);
        int[] prompt = ManagerFixture.Tokens(0, 60);
        Slot busy = fixture.Pool.Take(prompt);
        busy.Pin(System, 60, 60);
        busy.Read(prompt, logits: true);
        int[] other = [.. prompt[..System], .. ManagerFixture.Tokens(500, 10)];
        Assert.Equal(System, fixture.Read(other, System).Reused);
        Assert.Equal(60, busy.LogicalLength);
        AssertLogitsOfAFreshCache(fixture, other);
    }

    [Fact]
    public void Take_OneConversationMoreThanSlots_LeastRecentGivesWay()
    {
        using ManagerFixture fixture = new(Budget, slots: 2);
        int[][] prompts = [.. Enumerable.Range(0, 3).Select(i => ManagerFixture.Tokens(i * 7, 60))];
        (Slot first, _) = fixture.Read(prompts[0]);
        fixture.Read(prompts[1]);
        fixture.Read(prompts[0]);
        Assert.NotSame(first, fixture.Read(prompts[2]).Slot);
        Assert.Equal(59, fixture.Read(prompts[0]).Reused);
        Assert.Equal(0, fixture.Read(prompts[1]).Reused);
        Assert.Equal(0, fixture.Pool.Statistics.ParkedConversations);
    }

    [Theory]
    [InlineData(60, "llama")]  // nothing evicted
    [InlineData(450, "llama")] // evicted several times
    [InlineData(60, "gemma3")] // a second memory
    [InlineData(150, "gemma3")]
    public void Take_ParkedConversation_ComesBackWithoutBeingReadAgain(int length, string architecture)
    {
        TinyModelSettings settings = new() { Architecture = architecture };
        using ManagerFixture fixture = new(Budget, settings, slots: 2, parkedBytes: Plenty), undisturbed = new(Budget, settings, slots: 2);
        int[] prompt = ManagerFixture.Tokens(0, length), next = [.. prompt, .. ManagerFixture.Tokens(900, 30)];
        fixture.Read(prompt);
        fixture.Read(ManagerFixture.Tokens(7, 60));
        fixture.Read(ManagerFixture.Tokens(14, 60));
        Assert.Equal(1, fixture.Pool.Statistics.ParkedConversations);
        Assert.InRange(fixture.Pool.Statistics.ParkedBytes, 1, Plenty);
        long seen = fixture.Pool.Statistics.TokensSeen;
        (_, int reused) = fixture.Read(next);
        Assert.Equal(length, reused);
        Assert.Equal(30, fixture.Pool.Statistics.TokensSeen - seen);
        Assert.Equal(1, fixture.Pool.Statistics.RestoredConversations);
        Assert.Equal(1, fixture.Pool.Statistics.ParkedConversations); // the one that gave way

        undisturbed.Read(prompt);
        undisturbed.Read(next);
        Assert.Equal(undisturbed.Logits(), fixture.Logits());
    }

    [Fact]
    public void Read_EvictionsInEverySlot_AreThoseOfACacheOfItsOwn()
    {
        using ManagerFixture fixture = new(KvCacheBudget.FromCells(600), slots: 3);
        for (int i = 0; i < 3; i++)
        {
            int[] prompt = ManagerFixture.Tokens(i * 7, 700);
            (Slot slot, _) = fixture.Read(prompt);
            float[] logits = fixture.Logits();
            using ManagerFixture alone = new(KvCacheBudget.FromCells(200));
            alone.Read(prompt);
            Assert.Equal(alone.Manager.Retention().Held, slot.Retention().Held);
            Assert.Equal(alone.Logits(), logits);
        }
    }

    [Fact]
    public void Take_ParkedConversationThatGoesOn_EvictsAsIfItHadNeverLeft()
    {
        using ManagerFixture fixture = new(Budget, slots: 1, parkedBytes: Plenty), undisturbed = new(Budget);
        int[] prompt = ManagerFixture.Tokens(0, 700), next = [.. prompt, .. ManagerFixture.Tokens(900, 600)];
        fixture.Read(prompt);
        fixture.Read(ManagerFixture.Tokens(7, 60));
        fixture.Read(next);
        undisturbed.Read(prompt);
        undisturbed.Read(next);
        Assert.Equal(undisturbed.Manager.Retention().Held, fixture.Manager.Retention().Held);
        Assert.Equal(undisturbed.Logits(), fixture.Logits());
    }

    [Fact]
    public void Take_ParkedBeginningOfAnother_IsCopiedAndStays()
    {
        using ManagerFixture fixture = new(Budget, slots: 1, parkedBytes: Plenty);
        int[] prompt = ManagerFixture.Tokens(0, 150);
        fixture.Read(prompt, System);
        fixture.Read(ManagerFixture.Tokens(7, 60));
        int[] other = [.. prompt[..System], .. ManagerFixture.Tokens(500, 10)];
        Assert.Equal(System, fixture.Read(other, System).Reused);
        AssertLogitsOfAFreshCache(fixture, other);
        Assert.Equal(149, fixture.Read(prompt, System).Reused);
    }

    [Fact]
    public void Take_ManyConversations_ParksNoMoreThanAllowed()
    {
        using ManagerFixture fixture = new(Budget, parkedBytes: 1 << 18);
        for (int i = 0; i < 12; i++)
        {
            fixture.Read(ManagerFixture.Tokens(i * 7, 40 + (i * 20)));
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
        using ManagerFixture fixture = new(KvCacheBudget.FromCells(900), slots: 3, parkedBytes: 1 << 19);
        int[][] conversations = [.. Enumerable.Range(0, 6).Select(i => (int[])[.. ManagerFixture.Tokens(i % 2, System), .. ManagerFixture.Tokens(i * 50, 5)])];
        for (int step = 0; step < 40; step++)
        {
            int i = random.Next(conversations.Length);
            int keep = random.Next(4) == 0 ? random.Next(System, conversations[i].Length) : conversations[i].Length;
            conversations[i] = [.. conversations[i][..Math.Min(keep, 200)], .. ManagerFixture.Tokens(random.Next(1000), random.Next(1, 30))];
            fixture.Read(conversations[i], System);
            AssertLogitsOfAFreshCache(fixture, conversations[i]);
        }

        Assert.Equal(0, fixture.Pool.Statistics.Evictions);
    }

    private static void AssertLogitsOfAFreshCache(ManagerFixture fixture, int[] prompt)
    {
        float[] logits = fixture.Logits();
        using SlotPool fresh = new(fixture.Model, fixture.Probe, KvCacheBudget.FromCells(300), EvictionPolicy.Salience, 1, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        fresh.Slots[0].Read(prompt, logits: true);
        Assert.All(fresh.Context.Logits().ToArray().Zip(logits), static pair => Assert.Equal(pair.First, pair.Second, 3e-2f));
    }
}
