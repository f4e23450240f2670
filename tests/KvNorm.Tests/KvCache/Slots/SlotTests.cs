using FsCheck.Xunit;
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
        using ManagerFixture fixture = new(KvCacheBudget.FromCells(200), policy: EvictionPolicy.Named(policy));
        fixture.Manager.Read(ManagerFixture.Tokens(0, 200), logits: false);
        Assert.Equal((200, 0), (fixture.Manager.Statistics.Cells, fixture.Manager.Statistics.Evictions));
        fixture.Manager.Read([50], logits: true);
        KvCacheStatistics statistics = fixture.Manager.Statistics;
        Assert.Equal((101, 1, 201L, 201), (statistics.Cells, statistics.Evictions, statistics.TokensSeen, statistics.LogicalTokens));
        Assert.Equal(100 * 4, statistics.EvictedRows);
        fixture.Manager.Read(ManagerFixture.Tokens(201, 500), logits: true);
        fixture.AssertConsistent();
        Assert.All(fixture.Logits(), static logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public void Statistics_Memory_IsThatOfTheCells()
    {
        using ManagerFixture fixture = new(KvCacheBudget.FromCells(200));
        fixture.Manager.Read(ManagerFixture.Tokens(0, 10), logits: false);
        KvCacheStatistics statistics = fixture.Manager.Statistics;
        Assert.Equal((512L, 5120L, 256 * 512L, 200), (statistics.BytesPerCell, statistics.UsedBytes, statistics.AllocatedBytes, statistics.Capacity));
        Assert.Null(statistics.LastEviction);
    }

    [Fact]
    public void Pin_PrefixAndOpenMessage_StayInEveryHead()
    {
        using ManagerFixture fixture = new(KvCacheBudget.FromCells(200));
        fixture.Manager.Pin(12, 40, 60);
        fixture.Manager.Read(ManagerFixture.Tokens(0, 700), logits: true);
        float[] held = fixture.Manager.Retention().Held;
        Assert.True(fixture.Manager.Statistics.Evictions > 3);
        Assert.All(held[..12], static share => Assert.Equal(1, share));
        Assert.All(held[40..60], static share => Assert.Equal(1, share));
        Assert.All(held[^25..], static share => Assert.Equal(1, share));
        Assert.Contains(held[12..40], static share => share < 1);
    }

    [Fact]
    public void Pin_OpenMessageTooLong_IsReadAndEvictedLikeAnyText()
    {
        using ManagerFixture fixture = new(KvCacheBudget.FromCells(200));
        fixture.Manager.Pin(12, 12, 500);
        fixture.Manager.Read(ManagerFixture.Tokens(0, 600), logits: true);
        fixture.AssertConsistent();
        Assert.Contains(fixture.Manager.Retention().Held[12..500], static share => share == 0);
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
        int cells = KvCacheBudget.LeastCells;
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
                using ManagerFixture fixture = new(KvCacheBudget.FromCells(available) with { LowMark = low }, new TinyModelSettings { ContextLength = 100_000 }, policy);
                fixture.Manager.Pin(prefix, 0, 0);
                fixture.Manager.Read(ManagerFixture.Tokens(0, available + 1), logits: false);
                Assert.All(fixture.Manager.Retention().Held[..prefix], static share => Assert.Equal(1, share));
                return null;
            }
            catch (KvCacheBudgetException e)
            {
                return e;
            }
        }
    }

    [Property(MaxTest = 20)]
    public void Manager_AnySequenceOfCalls_StaysWithinItsCells(int seed)
    {
        Random random = new(seed);
        using ManagerFixture fixture = new(KvCacheBudget.FromCells(random.Next(64, 200)) with { HighMark = 0.9 }, policy: EvictionPolicy.Named(EvictionPolicy.Names[random.Next(6)]));
        for (int step = 0; step < 12; step++)
        {
            int length = fixture.Manager.LogicalLength;
            switch (random.Next(4))
            {
                case 0 when length > 0:
                    int[] prompt = fixture.Manager.Retention().Tokens[..random.Next(1, length + 1)];
                    prompt[random.Next(prompt.Length)] ^= random.Next(2);
                    int reused = fixture.Manager.Resume(prompt);
                    Assert.InRange(reused, 0, prompt.Length - 1);
                    Assert.Equal(prompt[..reused], fixture.Manager.Retention().Tokens);
                    fixture.Manager.Read(prompt.AsSpan(reused), logits: true);
                    break;
                case 1:
                    fixture.Manager.Pin(random.Next(5), length, length + random.Next(20));
                    break;
                default:
                    fixture.Manager.Read([.. Enumerable.Range(0, random.Next(1, 150)).Select(_ => random.Next(20, 300))], logits: true);
                    break;
            }

            fixture.AssertConsistent();
        }
    }

    [Fact]
    public void Read_CloseMarks_GoesOn()
    {
        using ManagerFixture fixture = new(KvCacheBudget.FromCells(100) with { HighMark = 0.505 });
        fixture.Manager.Read(ManagerFixture.Tokens(0, 300), logits: true);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Read_NegativeSeed_Evicts()
    {
        using ManagerFixture fixture = new(KvCacheBudget.FromCells(100), policy: EvictionPolicy.Named("random") with { Seed = -5 });
        fixture.Manager.Read(ManagerFixture.Tokens(0, 300), logits: true);
        Assert.True(fixture.Manager.Statistics.Evictions > 0);
    }

    [Fact]
    public void Read_Cancelled_LeavesAConsistentCache()
    {
        using ManagerFixture fixture = new(KvCacheBudget.FromCells(1500), embedded: true);
        fixture.Manager.Read(ManagerFixture.Tokens(0, 30), logits: true);
        Assert.ThrowsAny<OperationCanceledException>(() => fixture.Manager.Read([5], logits: true, new CancellationToken(canceled: true)));
        using CancellationTokenSource source = new();
        source.CancelAfter(TimeSpan.FromMilliseconds(100)); // a thousand tokens take seconds
        Assert.ThrowsAny<OperationCanceledException>(() => fixture.Manager.Read(ManagerFixture.Tokens(30, 1000), logits: true, source.Token));
        fixture.AssertConsistent();
        fixture.Manager.Read([5], logits: true);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Read_NoSuchToken_ThrowsAndKeepsWhatWasThere()
    {
        using ManagerFixture fixture = new(KvCacheBudget.FromCells(100));
        fixture.Manager.Read(ManagerFixture.Tokens(0, 30), logits: true);
        Assert.Throws<ArgumentOutOfRangeException>(() => fixture.Manager.Read([20, 1_000_000], logits: true));
        Assert.Equal(30, fixture.Manager.LogicalLength);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Constructor_WeakerMechanism_IsLogged()
    {
        RecordingLogger logger = new();
        using ManagerFixture fixture = new(KvCacheBudget.FromCells(100), change: static probe => probe with { Geometry = null, Mechanism = EvictionMechanism.RemoveCells, Reason = "for a test" }, logger: logger);
        Assert.Equal([2, 3], logger.Lines.Where(static line => line.Level == LogLevel.Warning).Select(static line => line.Id.Id));
        Assert.All(logger.Lines, static line => Assert.Contains("for a test", line.Text, StringComparison.Ordinal));
        fixture.Manager.Read(ManagerFixture.Tokens(0, 120), logits: true);
        Assert.All(fixture.Manager.Retention().Held[^50..], static share => Assert.Equal(1, share)); // recency in the policy's place
        fixture.AssertConsistent();
    }
}
