namespace KvNorm.Tests.KvCache.Slots;

public sealed class SlotResumeTests
{
    private static readonly KvCacheBudget Budget = KvCacheBudget.FromCells(200);

    [Fact]
    public void Resume_SamePrompt_LeavesTheLastTokenToRead()
    {
        using ManagerFixture fixture = new(Budget);
        int[] prompt = ManagerFixture.Tokens(0, 50);
        fixture.Manager.Read(prompt, logits: true);
        float[] before = fixture.Logits();
        Assert.Equal(49, fixture.Manager.Resume(prompt));
        fixture.Manager.Read(prompt.AsSpan(49), logits: true);
        Assert.All(before.Zip(fixture.Logits()), static pair => Assert.Equal(pair.First, pair.Second, 1e-2f));
        fixture.AssertConsistent();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(400)]
    public void Resume_LongerPrompt_LeavesTheRestToRead(int before)
    {
        using ManagerFixture fixture = new(Budget);
        int[] prompt = ManagerFixture.Tokens(0, before + 80);
        fixture.Manager.Read(prompt.AsSpan(0, before + 50), logits: true);
        int cells = fixture.Manager.Statistics.Cells;
        Assert.Equal(before + 50, fixture.Manager.Resume(prompt));
        Assert.Equal(cells, fixture.Manager.Statistics.Cells);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(1)]
    [InlineData(0)]
    public void Resume_OtherTokens_GoesBackToWhereTheyDiffer(int same)
    {
        using ManagerFixture fixture = new(Budget);
        int[] prompt = ManagerFixture.Tokens(0, 50);
        fixture.Manager.Read(prompt, logits: true);
        prompt[same]++;
        Assert.Equal(same, fixture.Manager.Resume(prompt));
        Assert.Equal(same, fixture.Manager.LogicalLength);
        fixture.AssertConsistent();
        fixture.Manager.Read(prompt.AsSpan(same), logits: true);
        using ManagerFixture fresh = new(Budget);
        fresh.Manager.Read(prompt, logits: true);
        Assert.All(fresh.Logits().Zip(fixture.Logits()), static pair => Assert.Equal(pair.First, pair.Second, 1e-2f));
    }

    [Fact]
    public void Resume_DiffersBehindTheEviction_KeepsTheEvictedConversation()
    {
        using ManagerFixture fixture = new(Budget);
        int[] prompt = ManagerFixture.Tokens(0, 230);
        fixture.Manager.Read(prompt, logits: true);
        Assert.Equal(1, fixture.Manager.Statistics.Evictions);
        prompt[215]++;
        Assert.Equal(215, fixture.Manager.Resume(prompt));
        Assert.Equal(115, fixture.Manager.Statistics.Cells);
        fixture.AssertConsistent();
    }

    [Theory]
    [InlineData(199)]
    [InlineData(190)]
    [InlineData(150)]
    public void Resume_DiffersInsideTheEvictedPart_KeepsTheRowsBefore(int same)
    {
        using ManagerFixture fixture = Evicted(out int[] prompt);
        (float[] held, KvCacheStatistics before) = (fixture.Manager.Retention().Held, fixture.Manager.Statistics);
        prompt[same]++;
        Assert.Equal(same, fixture.Manager.Resume(prompt));
        (int[] tokens, float[] left) = fixture.Manager.Retention();
        Assert.Equal(prompt[..same], tokens);
        Assert.All(left.Zip(held), static pair => Assert.InRange(pair.First, 0, pair.Second));
        Assert.All(left[..20], static share => Assert.Equal(1, share));
        Assert.InRange(fixture.Manager.Statistics.Cells, 21, before.Cells - 1);
        fixture.AssertConsistent();

        fixture.Manager.Read(prompt.AsSpan(same), logits: true);
        Assert.Equal(prompt, fixture.Manager.Retention().Tokens);
        Assert.Equal(before.TokensSeen + prompt.Length - same, fixture.Manager.Statistics.TokensSeen);
        Assert.Equal((before.Evictions, before.EvictedRows), (fixture.Manager.Statistics.Evictions, fixture.Manager.Statistics.EvictedRows));
        Assert.All(fixture.Logits(), static logit => Assert.True(float.IsFinite(logit)));
        fixture.Manager.Read(ManagerFixture.Tokens(0, 300), logits: true);
        Assert.True(fixture.Manager.Statistics.Evictions > before.Evictions);
        fixture.AssertConsistent();
    }

    // The head that holds least there would decide for all.
    [Fact]
    public void Resume_DiffersWhereLittleIsHeld_GoesBackToWhatIsComplete()
    {
        using ManagerFixture fixture = Evicted(out int[] prompt);
        prompt[100]++;
        Assert.Equal(20, fixture.Manager.Resume(prompt));
        fixture.AssertConsistent();
    }

    [Fact]
    public void Resume_PromptEndsInsideTheEvictedPart_LeavesItsLastTokenToRead()
    {
        using ManagerFixture fixture = Evicted(out int[] prompt);
        Assert.Equal(179, fixture.Manager.Resume(prompt.AsSpan(0, 180)));
        fixture.AssertConsistent();
    }

    // A template that drops earlier thoughts: what stands behind them moves.
    [Fact]
    public void Resume_PieceMissingFromTheMiddle_ReadsOnlyWhatIsBehindIt()
    {
        using ManagerFixture fixture = Evicted(out int[] prompt);
        int[] shorter = [.. prompt[..150], .. prompt[180..], .. ManagerFixture.Tokens(400, 20)];
        Assert.Equal(150, fixture.Manager.Resume(shorter));
        fixture.Manager.Read(shorter.AsSpan(150), logits: true);
        Assert.Equal(shorter.Length - 1, fixture.Manager.Resume(shorter)); // twice cut, at two places
        Assert.Equal(120, fixture.Manager.Resume([.. shorter[..120], 5, 6]));
        fixture.AssertConsistent();
    }

    [Fact]
    public void Resume_OtherTokensWereBehindTheChange_LaterEvictionsAreTheSame()
    {
        Assert.Equal(HeldLater(0), HeldLater(33));

        static float[] HeldLater(int more)
        {
            using ManagerFixture fixture = Evicted(out int[] prompt);
            fixture.Manager.Read(ManagerFixture.Tokens(700, more), logits: true);
            prompt[190]++;
            Assert.Equal(190, fixture.Manager.Resume(prompt));
            fixture.Manager.Read(prompt.AsSpan(190), logits: true);
            fixture.Manager.Read(ManagerFixture.Tokens(0, 300), logits: true);
            return fixture.Manager.Retention().Held;
        }
    }

    [Fact]
    public void Resume_NothingHeldJustBefore_FallsBackToTheCompleteBeginning()
    {
        using ManagerFixture fixture = Evicted(out int[] prompt, EvictionPolicy.Named("recency")); // all but the first 20 and the last 80 went
        prompt[90]++;
        Assert.Equal(20, fixture.Manager.Resume(prompt));
        Assert.Equal(20, fixture.Manager.Statistics.Cells);
        AssertReadsAgain(fixture, prompt, 20);
    }

    [Fact]
    public void Resume_SystemPromptNotWhole_FallsBackToTheCompleteBeginning()
    {
        using ManagerFixture fixture = Evicted(out int[] prompt);
        int complete = Array.FindIndex(fixture.Manager.Retention().Held, static share => share < 1);
        fixture.Manager.Pin(60, 60, 60);
        prompt[190]++;
        Assert.InRange(complete, 20, 59);
        Assert.Equal(complete, fixture.Manager.Resume(prompt));
        AssertReadsAgain(fixture, prompt, complete);
    }

    [Fact]
    public void Resume_CutFails_ForgetsTheConversationAndGoesOn()
    {
        using ManagerFixture fixture = Evicted(out int[] prompt);
        prompt[190]++;
        fixture.Manager.Sequence.Remove(40, 50); // behind the manager's back
        Assert.Throws<InvalidOperationException>(() => fixture.Manager.Resume(prompt));
        Assert.Equal((0, 0), (fixture.Manager.LogicalLength, fixture.Manager.Statistics.Cells));
        fixture.AssertConsistent();
        Assert.Equal(0, fixture.Manager.Resume(prompt));
        AssertReadsAgain(fixture, prompt, 0);
    }

    [Fact]
    public void Resume_NothingInCommon_StartsAnew()
    {
        using ManagerFixture fixture = new(Budget);
        fixture.Manager.Read(ManagerFixture.Tokens(0, 300), logits: true);
        Assert.Equal(0, fixture.Manager.Resume([300, 301]));
        Assert.Equal((0, 0), (fixture.Manager.LogicalLength, fixture.Manager.Statistics.Cells));
        fixture.Manager.Read([300, 301], logits: true);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Resume_NothingEvicted_GreedyTextEqualsThatOfAFreshCache()
    {
        int[] first = [1, 9690, 198, 2683, 28], second = [.. first, 451, 260, 3575, 282];
        using ManagerFixture fixture = new(KvCacheBudget.FromCells(256), embedded: true), fresh = new(KvCacheBudget.FromCells(256), embedded: true);
        fixture.Greedy(first, 6);
        int reused = fixture.Manager.Resume(second);
        Assert.Equal(first.Length, reused);
        Assert.Equal(fresh.Greedy(second, 12), fixture.Greedy(second.AsSpan(reused), 12));
    }

    // 230 tokens of which one eviction has looked at 200, with the first 20 pinned.
    private static ManagerFixture Evicted(out int[] prompt, EvictionPolicy? policy = null)
    {
        ManagerFixture fixture = new(Budget, policy: policy);
        fixture.Manager.Pin(20, 20, 20);
        prompt = ManagerFixture.Tokens(0, 230);
        fixture.Manager.Read(prompt, logits: true);
        Assert.Equal(1, fixture.Manager.Statistics.Evictions);
        return fixture;
    }

    private static void AssertReadsAgain(ManagerFixture fixture, int[] prompt, int from)
    {
        fixture.AssertConsistent();
        fixture.Manager.Read(prompt.AsSpan(from), logits: true);
        Assert.Equal(prompt, fixture.Manager.Retention().Tokens);
        fixture.AssertConsistent();
    }
}
