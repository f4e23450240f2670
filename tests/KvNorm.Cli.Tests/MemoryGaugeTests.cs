using Spectre.Console;

namespace KvNorm.Cli.Tests;

/// <summary>
/// What stands on the terminal behind an answer, and the coloured conversation. The only tests that take the console's place.
/// </summary>
public sealed class MemoryGaugeTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly IAnsiConsole _before = AnsiConsole.Console;

    public MemoryGaugeTests()
    {
        AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(_output),
        });
        AnsiConsole.Console.Profile.Width = 400;
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(128, 12)]
    [InlineData(256, 24)]
    public void Show_CellsInUse_AreTheFullPartOfTheBar(int cells, int full)
    {
        MemoryGauge.Show(Statistics(cells), Turn(decodeMs: 500));
        Assert.StartsWith(
            new string('█', full) + new string('░', 24 - full) + $" {cells} of 256 cells",
            _output.ToString(),
            StringComparison.Ordinal);
        Assert.Contains("1 eviction ·", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("reused 5 of 20 tokens", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("20 tokens/s", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Show_NoTimeTaken_SaysNoSpeed()
    {
        MemoryGauge.Show(Statistics(10), Turn(decodeMs: 0));
        Assert.DoesNotContain("tokens/s", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Show_StoppedAnswer_SaysSo()
    {
        MemoryGauge.Show(Statistics(10), turn: null);
        Assert.EndsWith("stopped", _output.ToString().Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_Capacity_InCellsAndMemory() => Assert.Equal("256 cells (0.5 MiB)", MemoryGauge.Describe(Statistics(1)));

    [Theory]
    [InlineData(
        ColorSystem.NoColors,
        "{all}[red]{gone} gone\uFFFD too{up to a half} half{came back for the last message} back{nearly all} most",
        "In braces: ")]
    [InlineData(
        ColorSystem.Standard,
        "{all}[red]{gone} gone\uFFFD too{up to a half} half{came back for the last message} back{nearly all} most",
        "In braces: ",
        false)] // TERM=dumb
    [InlineData(ColorSystem.Standard, "[red] gone\uFFFD too half back most", "Held in layers and heads: ")]
    public void MemoryViewShow_Tokens_AreTheTextInColoursOrWithWords(ColorSystem colours, string text, string legend, bool ansi = true)
    {
        AnsiConsole.Console.Profile.Capabilities.ColorSystem = colours;
        AnsiConsole.Console.Profile.Capabilities.Ansi = ansi;
        MemoryView.Show([
            new TokenRetention("[red]", 1), new TokenRetention(" gone\u001B", 0), new TokenRetention(" too", 0),
            new TokenRetention(" half", 0.5f), new TokenRetention(" back", 0.5f) { IsRecalled = true },
            new TokenRetention(" most", 0.99f),
        ]);
        string[] lines = [.. _output.ToString().ReplaceLineEndings("\n").Split('\n').Select(WithoutColours)];
        Assert.Equal(text, lines[0]);
        Assert.StartsWith(legend, lines[1], StringComparison.Ordinal);
        Assert.Contains("6 tokens said", lines[2], StringComparison.Ordinal);
        Assert.Contains("2 gone altogether", lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "tokens · 10")]
    [InlineData(1, "tokens · recalled 1 passage · 10")]
    [InlineData(3, "tokens · recalled 3 passages · 10")]
    public void Show_Recalls_AreTold(int recalls, string expected)
    {
        MemoryGauge.Show(Statistics(10), Turn(decodeMs: 1000, recalls));
        Assert.Contains(expected, _output.ToString().ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public void MemoryViewShow_NoTokens_SaysSo()
    {
        MemoryView.Show([]);
        Assert.Contains("Nothing has been said yet.", _output.ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        AnsiConsole.Console = _before;
        _output.Dispose();
    }

    private static string WithoutColours(string line) => string.Concat(
        line.Split('\u001B').Select(static (part, at) => at == 0 ? part : part[(part.IndexOf('m', StringComparison.Ordinal) + 1)..]));

    private static TurnReport Turn(double decodeMs, int recalls = 0) => new()
    {
        Turn = 1,
        Text = "text",
        Finish = "stop",
        InputTokens = 20,
        CachedTokens = 5,
        OutputTokens = 10,
        Cells = 1,
        Capacity = 256,
        Evictions = 1,
        EvictedRows = 3,
        PrefillMs = 1,
        DecodeMs = decodeMs,
        EvictMs = 0,
        Recalls = recalls,
        RecalledTokens = 12 * recalls,
        RecallMs = 3,
    };

    private static KvCacheStatistics Statistics(int cells) => new()
    {
        Cells = cells,
        Capacity = 256,
        BytesPerCell = 2048,
        AllocatedBytes = 256 * 2048,
        LogicalTokens = 20,
        TokensSeen = 20,
        Evictions = 7, // of all conversations since the start
        EvictedRows = 30,
        EvictionMilliseconds = 1,
        LastEviction = null,
        Policy = "salience",
        Mechanism = EvictionMechanism.RewriteRows,
    };
}
