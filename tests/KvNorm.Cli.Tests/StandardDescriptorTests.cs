namespace KvNorm.Cli.Tests;

/// <summary>Programs that are started without a standard descriptor.</summary>
public sealed class StandardDescriptorTests
{
    [Fact]
    public void IsMissing_DescriptorsOfThisProcess_AreThere()
    {
        Assert.False(StandardDescriptor.IsMissing(StandardDescriptor.Input));
        Assert.False(StandardDescriptor.IsMissing(StandardDescriptor.Output));
        Assert.False(StandardDescriptor.IsMissing(StandardDescriptor.Error));
    }

    [Theory]
    [InlineData("chat --json")]
    [InlineData("info")]
    public async Task Run_WithoutOutput_SaysSoAtOnce(string arguments)
    {
        if (!OperatingSystem.IsLinux())
            return; // cannot be seen there
        KvNormProgram.Result result = await KvNormProgram.ShellAsync("echo hello | \"$@\" >&-", arguments.Split(' '));
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("kvnorm: There is no standard output", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_OutputIsAFileOfSeveralPrograms_StandsBetweenTheirs()
    {
        if (OperatingSystem.IsWindows())
            return; // without that shell
        const string script = "f=$(mktemp); { echo before; echo hello | \"$@\"; echo after; } > \"$f\"; cat \"$f\"; rm \"$f\"";
        KvNormProgram.Result result = await KvNormProgram.ShellAsync(script, ["chat", "--json", "--threads", "1", "--max-tokens", "4"]);
        Assert.Collection(
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            static line => Assert.Equal("before", line),
            static line => Assert.StartsWith("{\"turn\":1,", line, StringComparison.Ordinal),
            static line => Assert.Equal("after", line));
    }

    [Fact]
    public async Task Chat_WithoutInput_EndsAsWithAnEmptyOne()
    {
        if (!OperatingSystem.IsLinux())
            return; // cannot be seen there
        Assert.Equal(new KvNormProgram.Result(0, "", ""), await KvNormProgram.ShellAsync("\"$@\" <&-", ["chat", "--json"]));
    }

    [Fact]
    public async Task Chat_WithoutAny_EndsWithoutAWord()
    {
        if (!OperatingSystem.IsLinux())
            return; // cannot be seen there
        Assert.Equal(new KvNormProgram.Result(1, "", ""), await KvNormProgram.ShellAsync("\"$@\" <&- >&- 2>&-", ["chat", "--json"]));
    }
}
