using KvNorm.KvCache.Slots;

namespace KvNorm.Tests.KvCache.Slots;

public sealed class SlotResumeTests
{
    private static readonly KvCacheBudget Budget = KvCacheBudget.FromCells(200);

    [Fact]
    public void Resume_SamePrompt_LeavesTheLastTokenToRead()
    {
        using SlotFixture fixture = new(Budget);
        int[] prompt = SlotFixture.Tokens(0, 50);
        fixture.Slot.Prefill(prompt, logits: true);
        float[] before = fixture.Logits();
        Assert.Equal(49, fixture.Slot.Resume(prompt));
        fixture.Slot.Prefill(prompt.AsSpan(49), logits: true);
        Assert.All(before.Zip(fixture.Logits()), static pair => Assert.Equal(pair.First, pair.Second, 1e-2f));
        fixture.AssertConsistent();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(400)]
    public void Resume_LongerPrompt_LeavesTheRestToRead(int before)
    {
        using SlotFixture fixture = new(Budget);
        int[] prompt = SlotFixture.Tokens(0, before + 80);
        fixture.Slot.Prefill(prompt.AsSpan(0, before + 50), logits: true);
        int cells = fixture.Slot.Statistics.Cells;
        Assert.Equal(before + 50, fixture.Slot.Resume(prompt));
        Assert.Equal(cells, fixture.Slot.Statistics.Cells);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(1)]
    [InlineData(0)]
    public void Resume_OtherTokens_GoesBackToWhereTheyDiffer(int same)
    {
        using SlotFixture fixture = new(Budget);
        int[] prompt = SlotFixture.Tokens(0, 50);
        fixture.Slot.Prefill(prompt, logits: true);
        prompt[same]++;
        Assert.Equal(same, fixture.Slot.Resume(prompt));
        Assert.Equal(same, fixture.Slot.Conversation.Length);
        fixture.AssertConsistent();
        fixture.Slot.Prefill(prompt.AsSpan(same), logits: true);
        using SlotFixture fresh = new(Budget);
        fresh.Slot.Prefill(prompt, logits: true);
        Assert.All(fresh.Logits().Zip(fixture.Logits()), static pair => Assert.Equal(pair.First, pair.Second, 1e-2f));
    }

    [Fact]
    public void Resume_DiffersBehindTheEviction_KeepsTheEvictedConversation()
    {
        using SlotFixture fixture = new(Budget);
        int[] prompt = SlotFixture.Tokens(0, 230);
        fixture.Slot.Prefill(prompt, logits: true);
        Assert.Equal(1, fixture.Slot.Statistics.Evictions);
        prompt[215]++;
        Assert.Equal(215, fixture.Slot.Resume(prompt));
        Assert.Equal(115, fixture.Slot.Statistics.Cells);
        fixture.AssertConsistent();
    }

    [Theory]
    [InlineData(199)]
    [InlineData(190)]
    [InlineData(150)]
    public void Resume_DiffersInsideTheEvictedPart_KeepsTheRowsBefore(int same)
    {
        using SlotFixture fixture = Evicted(out int[] prompt);
        (float[] held, KvCacheStatistics before) = (fixture.Slot.Retention().Held, fixture.Slot.Statistics);
        prompt[same]++;
        Assert.Equal(same, fixture.Slot.Resume(prompt));
        (int[] tokens, float[] left, _) = fixture.Slot.Retention();
        Assert.Equal(prompt[..same], tokens);
        Assert.All(left.Zip(held), static pair => Assert.InRange(pair.First, 0, pair.Second));
        Assert.All(left[..20], static share => Assert.Equal(1, share));
        Assert.InRange(fixture.Slot.Statistics.Cells, 21, before.Cells - 1);
        fixture.AssertConsistent();

        fixture.Slot.Prefill(prompt.AsSpan(same), logits: true);
        Assert.Equal(prompt, fixture.Slot.Retention().Tokens);
        Assert.Equal(before.TokensSeen + prompt.Length - same, fixture.Slot.Statistics.TokensSeen);
        Assert.Equal((before.Evictions, before.EvictedRows), (fixture.Slot.Statistics.Evictions, fixture.Slot.Statistics.EvictedRows));
        Assert.All(fixture.Logits(), static logit => Assert.True(float.IsFinite(logit)));
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 300), logits: true);
        Assert.True(fixture.Slot.Statistics.Evictions > before.Evictions);
        fixture.AssertConsistent();
    }

    // The head that holds least there would decide for all.
    [Fact]
    public void Resume_DiffersWhereLittleIsHeld_GoesBackToWhatIsComplete()
    {
        using SlotFixture fixture = Evicted(out int[] prompt, EvictionPolicy.Salience with { RarityWeight = 0 }); // heads differ most
        prompt[100]++;
        Assert.Equal(20, fixture.Slot.Resume(prompt));
        fixture.AssertConsistent();
    }

    [Fact]
    public void Resume_PromptEndsInsideTheEvictedPart_LeavesItsLastTokenToRead()
    {
        using SlotFixture fixture = Evicted(out int[] prompt);
        Assert.Equal(179, fixture.Slot.Resume(prompt.AsSpan(0, 180)));
        fixture.AssertConsistent();
    }

    // A template that drops earlier reasoning: what stands after it moves.
    [Fact]
    public void Resume_PieceMissingFromTheMiddle_DecodesOnlyWhatIsAfterIt()
    {
        using SlotFixture fixture = Evicted(out int[] prompt);
        int[] shorter = [.. prompt[..150], .. prompt[180..], .. SlotFixture.Tokens(400, 20)];
        Assert.Equal(150, fixture.Slot.Resume(shorter));
        fixture.Slot.Prefill(shorter.AsSpan(150), logits: true);
        Assert.Equal(shorter.Length - 1, fixture.Slot.Resume(shorter)); // twice cut, at two places
        Assert.Equal(120, fixture.Slot.Resume([.. shorter[..120], 5, 6]));
        fixture.AssertConsistent();
    }

    [Fact]
    public void Resume_OtherTokensWereBehindTheChange_LaterEvictionsAreTheSame()
    {
        Assert.Equal(HeldLater(0), HeldLater(33));

        static float[] HeldLater(int more)
        {
            using SlotFixture fixture = Evicted(out int[] prompt);
            fixture.Slot.Prefill(SlotFixture.Tokens(700, more), logits: true);
            prompt[190]++;
            Assert.Equal(190, fixture.Slot.Resume(prompt));
            fixture.Slot.Prefill(prompt.AsSpan(190), logits: true);
            fixture.Slot.Prefill(SlotFixture.Tokens(0, 300), logits: true);
            return fixture.Slot.Retention().Held;
        }
    }

    [Fact]
    public void Resume_NothingHeldJustBefore_FallsBackToTheCompleteBeginning()
    {
        using SlotFixture fixture = Evicted(out int[] prompt, EvictionPolicy.Named("recency")); // all but the first 20 and the last 80 went
        prompt[90]++;
        Assert.Equal(20, fixture.Slot.Resume(prompt));
        Assert.Equal(20, fixture.Slot.Statistics.Cells);
        AssertReadsAgain(fixture, prompt, 20);
    }

    [Fact]
    public void Resume_SystemPromptNotWhole_FallsBackToTheCompleteBeginning()
    {
        using SlotFixture fixture = Evicted(out int[] prompt);
        int complete = Array.FindIndex(fixture.Slot.Retention().Held, static share => share < 1);
        fixture.Slot.Pin(60, 0, 60, 60);
        prompt[190]++;
        Assert.InRange(complete, 20, 59);
        Assert.Equal(complete, fixture.Slot.Resume(prompt));
        AssertReadsAgain(fixture, prompt, complete);
    }

    [Fact]
    public void Resume_CutFails_ForgetsTheConversationAndGoesOn()
    {
        using SlotFixture fixture = Evicted(out int[] prompt);
        prompt[190]++;
        fixture.Slot.Sequence.Remove(40, 50); // which the slot does not know
        Assert.Throws<InvalidOperationException>(() => fixture.Slot.Resume(prompt));
        Assert.Equal((0, 0), (fixture.Slot.Conversation.Length, fixture.Slot.Statistics.Cells));
        fixture.AssertConsistent();
        Assert.Equal(0, fixture.Slot.Resume(prompt));
        AssertReadsAgain(fixture, prompt, 0);
    }

    [Fact]
    public void Resume_NothingInCommon_StartsAnew()
    {
        using SlotFixture fixture = new(Budget);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 300), logits: true);
        Assert.Equal(0, fixture.Slot.Resume([300, 301]));
        Assert.Equal((0, 0), (fixture.Slot.Conversation.Length, fixture.Slot.Statistics.Cells));
        fixture.Slot.Prefill([300, 301], logits: true);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Resume_NothingEvicted_GreedyTextEqualsThatOfAFreshCache()
    {
        int[] first = [1, 9690, 198, 2683, 28], second = [.. first, 451, 260, 3575, 282];
        using SlotFixture fixture = new(KvCacheBudget.FromCells(256), embedded: true);
        using SlotFixture fresh = new(KvCacheBudget.FromCells(256), embedded: true);
        fixture.Greedy(first, 6);
        int reused = fixture.Slot.Resume(second);
        Assert.Equal(first.Length, reused);
        Assert.Equal(fresh.Greedy(second, 12), fixture.Greedy(second.AsSpan(reused), 12));
    }

    // 230 tokens of which one eviction has looked at 200, with the first 20 pinned.
    private static SlotFixture Evicted(out int[] prompt, EvictionPolicy? policy = null)
    {
        SlotFixture fixture = new(Budget, policy: policy);
        fixture.Slot.Pin(20, 0, 20, 20);
        prompt = SlotFixture.Tokens(0, 230);
        fixture.Slot.Prefill(prompt, logits: true);
        Assert.Equal(1, fixture.Slot.Statistics.Evictions);
        return fixture;
    }

    private static void AssertReadsAgain(SlotFixture fixture, int[] prompt, int from)
    {
        fixture.AssertConsistent();
        fixture.Slot.Prefill(prompt.AsSpan(from), logits: true);
        Assert.Equal(prompt, fixture.Slot.Retention().Tokens);
        fixture.AssertConsistent();
    }
}
