namespace KvNorm.Tests.KvCache;

public sealed class KvCacheManagerResumeTests
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

    [Fact]
    public void Resume_DiffersInsideTheEvictedPart_FallsBackToTheCompleteBeginning()
    {
        using ManagerFixture fixture = new(Budget);
        fixture.Manager.Pin(20, 20, 20);
        int[] prompt = ManagerFixture.Tokens(0, 230);
        fixture.Manager.Read(prompt, logits: true);
        float[] held = fixture.Manager.Retention().Held;
        int complete = Array.FindIndex(held, static share => share < 1);
        Assert.InRange(complete, 20, 150);
        prompt[190]++;
        Assert.Equal(complete, fixture.Manager.Resume(prompt));
        Assert.Equal(complete, fixture.Manager.Statistics.Cells);
        fixture.AssertConsistent();
        fixture.Manager.Read(prompt.AsSpan(complete), logits: true);
        using ManagerFixture fresh = new(Budget);
        fresh.Manager.Pin(20, 20, 20);
        fresh.Manager.Read(prompt, logits: true);
        Assert.Equal(fresh.Manager.Retention().Tokens, fixture.Manager.Retention().Tokens);
        fixture.AssertConsistent();
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
}
