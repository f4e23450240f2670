using System.Text.Json;

namespace KvNorm.Cli.Tests;

/// <summary>`kvnorm chat` through pipes.</summary>
public sealed class ChatCommandTests
{
    private static readonly string[] Fields =
    [
        "turn", "text", "finish", "inputTokens", "cachedTokens", "outputTokens", "cells", "capacity", "evictions", "evictedRows",
        "recalls", "recalledTokens", "prefillMs", "decodeMs", "evictMs", "recallMs",
    ];

    private static readonly string[] FinishReasons = ["stop", "length"];

    private static readonly string[] Greedy = ["chat", "--cells", "256", "--threads", "1", "--temperature", "0", "--max-tokens", "8"];

    [Fact]
    public async Task Chat_PipedJson_PrintsOneObjectPerTurnAndNothingElse()
    {
        KvNormProgram.Result result = await KvNormProgram.RunAsync([.. Greedy, "--json"], "hello\n\n   \nName a fruit. 😀\r\nWhy?");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        string[] lines = result.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(3, lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            using JsonDocument turn = JsonDocument.Parse(lines[i]);
            JsonElement root = turn.RootElement;
            Assert.Equal(Fields, root.EnumerateObject().Select(field => field.Name), StringComparer.Ordinal);
            Assert.Equal(i + 1, root.GetProperty("turn").GetInt32());
            Assert.NotEmpty(root.GetProperty("text").GetString()!);
            Assert.Contains(root.GetProperty("finish").GetString(), FinishReasons, StringComparer.Ordinal);
            Assert.InRange(root.GetProperty("outputTokens").GetInt32(), 1, 8);
            Assert.Equal(256, root.GetProperty("capacity").GetInt32());
            Assert.InRange(root.GetProperty("cells").GetInt32(), 1, 256);
            Assert.Equal(i > 0, root.GetProperty("cachedTokens").GetInt32() > 0);
            Assert.True(root.GetProperty("inputTokens").GetInt32() > root.GetProperty("cachedTokens").GetInt32());
            Assert.Equal(0, root.GetProperty("evictions").GetInt32());
        }
    }

    [Fact]
    public async Task Chat_PipedPlain_PrintsTheTextsOfTheJson()
    {
        KvNormProgram.Result plain = await KvNormProgram.RunAsync(Greedy, "hello\n\nName a fruit.\nWhy?\n");
        KvNormProgram.Result json = await KvNormProgram.RunAsync([.. Greedy, "--json"], "hello\nName a fruit.\nWhy?\n");
        IEnumerable<string> texts = json.Output.TrimEnd('\n').Split('\n')
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString() + "\n");
        Assert.Equal((0, "", string.Concat(texts)), (plain.ExitCode, plain.Error, plain.Output));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n  \n")]
    public async Task Chat_NoMessages_PrintsNothing(string input)
    {
        KvNormProgram.Result result = await KvNormProgram.RunAsync([.. Greedy, "--json"], input);
        Assert.Equal(new KvNormProgram.Result(0, "", ""), result);
    }

    [Fact]
    public async Task Chat_SmallCache_ReportsItsEvictions()
    {
        string prose = string.Join(' ', Enumerable.Repeat("The baker opens his door before the sun has risen.", 25));
        KvNormProgram.Result result = await KvNormProgram.RunAsync(
            [
                .. Greedy, "--json", "--policy", "keynorm", "--granularity", "layer", "--keep", "0.6", "--recent", "0.3", "--system",
                "Be brief.",
            ],
            prose + "\n");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using JsonDocument turn = JsonDocument.Parse(result.Output);
        Assert.True(turn.RootElement.GetProperty("evictions").GetInt32() > 0);
        Assert.True(turn.RootElement.GetProperty("evictedRows").GetInt64() > 0);
        Assert.True(turn.RootElement.GetProperty("evictMs").GetDouble() > 0);
        Assert.InRange(turn.RootElement.GetProperty("cells").GetInt32(), 1, 256);
    }

    [Fact]
    public async Task Chat_ReaderGoesAwayAfterTheFirstLine_EndsWithoutAWord()
    {
        if (OperatingSystem.IsWindows())
            return; // no shell with a pipe of this kind
        KvNormProgram.Result result = await KvNormProgram.ShellAsync(
            "(yes 'Name a fruit.' 2>/dev/null | \"$@\"; echo $? >&2) | head -n 1", ["chat", "--json", "--max-tokens", "4"]);
        Assert.Single(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("141", result.Error.Trim());
    }
}
