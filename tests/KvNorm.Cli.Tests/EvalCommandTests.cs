namespace KvNorm.Cli.Tests;

public sealed class EvalCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kvnorm-eval").FullName;

    [Theory]
    [InlineData("haystack", "needle")]
    [InlineData("needle.five", "needle.four")]
    [InlineData("longmemeval", "--data")]
    [InlineData("needle --policies streamingllm", "salience")]
    [InlineData("needle --policies salience+words", "+sentence")]
    [InlineData("needle --keep half", "--keep")]
    [InlineData("needle --keep 1.5", "below 1")]
    [InlineData("needle --keep 2", "--keep")]
    [InlineData("needle --recent 5", "--recent")]
    [InlineData("needle --length 12", "tokens")]
    [InlineData("needle --length 300.9", "300.9")]
    [InlineData("needle --text /", "is a folder")]
    [InlineData("longmemeval --data /", "is a folder")]
    [InlineData("needle --items 0", "--items")]
    [InlineData("needle --text no-such-file.txt", "no-such-file.txt")]
    [InlineData("report no-such-folder", "predictions.jsonl")]
    public async Task Eval_WhatCannotBe_IsRefusedInASentence(string arguments, string said) =>
        Assert.Contains(said, await KvNormProgram.RefusalAsync(["eval", .. arguments.Split(' ')]), StringComparison.Ordinal);

    [Fact]
    public async Task Eval_EmptyText_IsRefusedInASentence()
    {
        string text = Path.Combine(_folder, "empty.txt");
        await File.WriteAllTextAsync(text, " \n");
        Assert.Contains("empty.txt", await KvNormProgram.RefusalAsync(["eval", "needle", "--text", text]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_FolderThatIsAFile_IsRefusedInASentence()
    {
        string file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");
        Assert.Contains("file", await KvNormProgram.RefusalAsync(["eval", "needle.one", "--out", file]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_OneItem_WritesPredictionsMetricsAndReport()
    {
        string folder = Path.Combine(_folder, "out");
        string[] run =
            ["eval", "needle.one", "--items", "1", "--length", "256", "--policies", "salience", "--keep", "0.5", "--threads", "1"];
        KvNormProgram.Result result = await KvNormProgram.RunAsync([.. run, "--out", folder]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("needle.one", result.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await File.ReadAllLinesAsync(Path.Combine(folder, "predictions.jsonl"))).Length); // the run, full, salience
        string metrics = await File.ReadAllTextAsync(Path.Combine(folder, "metrics.json"));
        Assert.Equal(0, (await KvNormProgram.RunAsync(["eval", "report", folder])).ExitCode);
        Assert.Equal(metrics, await File.ReadAllTextAsync(Path.Combine(folder, "metrics.json")));
        Assert.True(File.Exists(Path.Combine(folder, "report.html")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
