namespace KvNorm.Cli.Tests.Bench;

public sealed class EvictionBenchOptionsTests
{
    [Theory]
    [InlineData("--geometry cube", "'cube'; there are embedded, 8b")]
    [InlineData("--cells 63", "--cells takes numbers from 64 on, such as 1024,4096; '63' is none.")]
    [InlineData("--policies luck", "'luck'")]
    [InlineData("--evictions 1", "--evictions takes numbers from 2 on; 1 is too few.")]
    public async Task Bench_WrongOption_SaysWhichInOneSentence(string options, string named) =>
        Assert.Contains(
            named, await KvNormProgram.RefusalAsync(["bench", "eviction", .. options.Split(' ')]), StringComparison.Ordinal);

    [Fact]
    public async Task Bench_TwoEvictions_AreOneRowInAPipe()
    {
        KvNormProgram.Result result = await KvNormProgram.RunAsync(
            ["bench", "eviction", "--geometry", "embedded", "--cells", "64", "--evictions", "2", "--threads", "1"]);
        Assert.Equal(0, result.ExitCode);
        string row = Assert.Single(result.Output.Split('\n'), static line => line.Contains("salience", StringComparison.Ordinal));
        string[] columns = row.Split('|', StringSplitOptions.TrimEntries)[1..^1];
        Assert.Equal(["embedded", "f16, f16", "64", "salience"], columns[..4]);
        Assert.All(columns[4..], static number => Assert.True(double.Parse(number) >= 0, number));
    }
}
