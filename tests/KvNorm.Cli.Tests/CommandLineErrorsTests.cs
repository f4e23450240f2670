using System.CommandLine;

namespace KvNorm.Cli.Tests;

public sealed class CommandLineErrorsTests
{
    [Theory]
    [InlineData("chat --colour red", "There is no option '--colour'.")]
    [InlineData("chat --polcy salience", "There is no option '--polcy'. Is it --policy?")]
    [InlineData("chatt", "There is no command 'chatt'. Is it chat?")]
    [InlineData("chat hello", "There is no argument 'hello'.")]
    [InlineData("chat --cells many", "--cells takes a whole number; 'many' is none.")]
    [InlineData("chat --keep half", "--keep takes a number; 'half' is none.")]
    [InlineData("chat --temperature hot", "--temperature takes a number; 'hot' is none.")]
    [InlineData("chat --granularity planet", "--granularity takes one of head, layer, all; 'planet' is none.")]
    [InlineData("chat --policy", "--policy needs a value.")]
    [InlineData("chat --max-tokens 20 --max-tokens 300", "--max-tokens is given 2 times.")]
    [InlineData("chat --cells 99999999999", "--cells takes smaller numbers than 99999999999.")]
    [InlineData("chat --seed -99999999999", "--seed takes larger numbers than -99999999999.")]
    public void Sentence_WrongCommandLine_NamesTheWordAndNoType(string arguments, string expected)
    {
        Command root = new("kvnorm") { ChatCommand.Create() };
        ParseResult parsed = root.Parse(arguments);
        Assert.Equal(expected, CommandLineErrors.Sentence(parsed));
        using StringWriter output = new();
        CommandLineErrors.Show(parsed, output);
        Assert.Equal(2, output.ToString().TrimEnd().Split('\n').Length);
        Assert.Contains(arguments.StartsWith("chat ", StringComparison.Ordinal) ? "'kvnorm chat --help'" : "'kvnorm --help'",
            output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("help", 0, "kvnorm [command]", "")]
    [InlineData("help completion", 0, "kvnorm completion <", "")]
    [InlineData("help completio", 1, "", "There is no command 'completio'. Is it completion?")]
    public async Task Help_Words_IsTheHelpOfTheCommand(string arguments, int exitCode, string output, string error)
    {
        KvNormProgram.Result result = await KvNormProgram.RunAsync(arguments.Split(' '));
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(output, result.Output, StringComparison.Ordinal);
        Assert.Contains(error, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001B', result.Output);
    }

    [Theory]
    [InlineData("kvnorm ch", "chat")]
    [InlineData("kvnorm chat --gran", "--granularity")]
    [InlineData("kvnorm chat --policy ", "salience,keynorm")]
    [InlineData("kvnorm chat --policy keyd", "keydiff")]
    [InlineData("kvnorm completion z", "zsh")]
    public void Words_BeginningOfACommandLine_AreThoseThatMayFollow(string line, string expected)
    {
        Command root = new("kvnorm") { ChatCommand.Create(), CompletionCommand.Create() };
        string[] words = [.. CompletionCommand.Words(root, line, line.Length)];
        Assert.All(expected.Split(','), word => Assert.Contains(word, words, StringComparer.Ordinal));
        string typed = line[(line.LastIndexOf(' ') + 1)..];
        Assert.All(words, word => Assert.Contains(typed, word, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("kvnorm", 6)]
    [InlineData("", 0)]
    [InlineData("kvnorm chat", 900)]
    public void Words_NothingToComplete_IsNoError(string line, int position) =>
        Assert.NotNull(CompletionCommand.Words(new Command("kvnorm") { ChatCommand.Create() }, line, position).ToArray());

    [Theory]
    [InlineData("24MiB", 8192, 1024, null)]
    [InlineData("1GiB", 8192, 8192, "Of the budget of 1024 MiB, 8,192 of 46,603 cells are used: the model was trained for 8,192 tokens.")]
    [InlineData("9000cells", 8192, 8192, null)]
    [InlineData("10000cells", 8192, 8192, "Of the budget of 10000 cells, 8,192 of 10,000 cells are used: the model was trained for 8,192 tokens.")]
    [InlineData("auto", 8192, 8192, "The budget is 180 MiB, 8,192 cells: all the model was trained for.")]
    [InlineData("auto", 8192, 1024, "The budget is 22.5 MiB, 1,024 cells: what the device has left.")]
    [InlineData("11MiB", 8192, 256, "Of the budget of 11 MiB, 256 of 500 cells are used: cells come in steps of 256.")]
    public void BudgetNote_CutBudget_SaysHowMuchAndWhy(string budget, int trained, int capacity, string? expected)
    {
        KvNormModelFacts model = new()
        {
            Name = "m",
            Description = "m",
            Architecture = "llama",
            Parameters = 1,
            Bytes = 1,
            Layers = 30,
            KeyValueHeads = [],
            KeyLength = 64,
            ValueLength = 64,
            TrainedLength = trained,
            SlidingWindow = 0,
            BytesPerCell = 23_040,
            Mechanism = EvictionMechanism.RewriteRows,
            MechanismReason = "",
        };
        Assert.Equal(expected, BudgetNote.Of(KvCacheBudget.Parse(budget), model, capacity));
    }
}
