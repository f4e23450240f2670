namespace KvNorm.Cli.Tests;

/// <summary>What the user got wrong is said in one sentence.</summary>
public sealed class ChatCommandErrorsTests : IDisposable
{
    private readonly string _text = Path.GetTempFileName();

    public static TheoryData<string, string> WrongOptions => new()
    {
        { "--policy luck", "'luck'" },
        { "--budget much", "'much'" },
        { "--budget 0MiB", "'0MiB'" },
        { "--budget -5MiB", "'-5MiB'" },
        { "--budget 24MiB --cells 256", "not both" },
        { "--budget 1MiB", "256 cells" },
        { "--keep 2", "--keep" },
        { "--recent -1", "--recent" },
        { "--cells 3", "--cells" },
        { "--threads 0", "--threads" },
        { "--max-tokens 0", "--max-tokens" },
        { "--temperature -1", "--temperature" },
        { "--gpu-layers -1", "--gpu-layers" },
        { "--model /no/such/model.gguf", "/no/such/model.gguf" },
    };

    // These do not get past the parser, which shows the usage on standard output.
    public static TheoryData<string, string> Unparsable => new()
    {
        { "chat --colour red", "--colour" },
        { "chat --cells many", "--cells" },
        { "chat --granularity planet", "--granularity" },
        { "chat --policy", "--policy" },
        { "talk", "talk" },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public async Task Chat_WrongOption_SaysWhichInOneSentence(string options, string named) =>
        Assert.Contains(named, await KvNormProgram.RefusalAsync(["chat", "--json", .. options.Split(' ')]), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Unparsable))]
    public async Task Parse_WrongCommandLine_SaysWhichWordAndFails(string arguments, string named)
    {
        KvNormProgram.Result result = await KvNormProgram.RunAsync(arguments.Split(' '));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_TextFileAsModel_SaysSo()
    {
        await File.WriteAllTextAsync(_text, "This is no model.");
        Assert.Contains(
            "not a GGUF file", await KvNormProgram.RefusalAsync(["chat", "--json", "--model", _text]), StringComparison.Ordinal);
        Assert.Contains("not a GGUF file", await KvNormProgram.RefusalAsync(["info", "--model", _text]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_SystemPromptTooLong_SaysHowManyCellsItNeeds()
    {
        string system = string.Join(' ', Enumerable.Repeat("Answer like a sailor.", 60));
        string error = await KvNormProgram.RefusalAsync(["chat", "--json", "--cells", "256", "--threads", "1", "--system", system]);
        Assert.Contains("system prompt", error, StringComparison.Ordinal);
        Assert.Contains("256 cells", error, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_text);
}
