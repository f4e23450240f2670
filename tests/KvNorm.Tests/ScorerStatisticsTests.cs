namespace KvNorm.Tests;

public sealed class ScorerStatisticsTests
{
    [Fact]
    public void Constructor_NumbersOfHeads_AreKept() => Assert.Equal([[1, 2], []], new ScorerStatistics([[1, 2], []]).Heads);

    [Fact]
    public void Constructor_NoHeads_Throws() => Assert.Throws<ArgumentException>(static () => new ScorerStatistics([]));

    [Fact]
    public void Constructor_MoreNumbersThanAFileMayHave_Throws()
    {
        Assert.Single(new ScorerStatistics([new double[ScorerStatistics.MaximumNumbers]]).Heads);
        Assert.Throws<ArgumentException>(static () => new ScorerStatistics([new double[ScorerStatistics.MaximumNumbers + 1]]));
    }
}
