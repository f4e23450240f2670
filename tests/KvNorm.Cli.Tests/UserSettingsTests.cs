using System.CommandLine;
using System.Text;
using KvNorm.Tests.Runtime;

namespace KvNorm.Cli.Tests;

public sealed class UserSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("chat --cells 100", "KVNORM_CELLS=200", "{\"cells\": 300}", "100")]
    [InlineData("chat", "KVNORM_CELLS=200", "{\"cells\": 300}", "200")]
    [InlineData("chat", "KVNORM_CELLS=", "{\"cells\": 300}", "300")]
    [InlineData("chat", "", "{\"cells\": \"300\"}", "300")]
    [InlineData("chat", "", "{}", null)]
    [InlineData("chat --budget 24MiB", "KVNORM_CELLS=200", "{\"cells\": 300}", null)]
    [InlineData("chat", "KVNORM_BUDGET=24MiB", "{\"cells\": 300}", null)]
    public void Apply_SetInSeveralPlaces_TakesTheNearest(string arguments, string variable, string file, string? cells) =>
        Assert.Equal(cells, Value(Apply(arguments, variable, file), "--cells"));

    [Fact]
    public void Apply_EveryKindOfValue_IsTaken()
    {
        ParseResult parsed = Apply(
            "chat", "KVNORM_MAX_TOKENS=7", "{ \"system\": \"Be brief, please.\", \"temperature\": 0.5, \"no-mmap\": true, /* x */ }");
        Assert.Empty(parsed.Errors);
        Assert.Equal(("7", "Be brief, please.", "0.5"), (Value(parsed, "--max-tokens"), Value(parsed, "--system"), Value(parsed, "--temperature")));
        Assert.Equal("true", Value(parsed, "--no-mmap"));
    }

    // In the file it is what somebody wrote there; a variable may be empty because it cannot be taken away.
    [Theory]
    [InlineData("", "{\"system\": \"\"}", "")]
    [InlineData("KVNORM_SYSTEM=", "{\"system\": \"Be brief.\"}", "Be brief.")]
    [InlineData("KVNORM_SYSTEM=Be brief.", "{\"system\": \"\"}", "Be brief.")]
    [InlineData("KVNORM_SYSTEM=", "{}", null)]
    public void Apply_EmptyText_CountsInTheFileAlone(string variable, string file, string? expected) =>
        Assert.Equal(expected, Apply("chat", variable, file).GetValue<string?>("--system"));

    [Theory]
    [InlineData("serve", "KVNORM_MAX_TOKENS=7", "{\"max-tokens\": 8}", "7")]
    [InlineData("serve", "", "{\"max-tokens\": 8}", "8")]
    [InlineData("serve --max-tokens 9", "KVNORM_MAX_TOKENS=7", "{\"max-tokens\": 8}", "9")]
    public void Apply_SettingOfAChat_IsTakenByTheServerThatHasIt(string arguments, string variable, string file, string value) =>
        Assert.Equal(value, Value(Apply(arguments, variable, file), "--max-tokens"));

    [Theory]
    [InlineData("1", "True")]
    [InlineData("0", "False")]
    [InlineData("true", "True")]
    public void Apply_VariableOfAFlag_IsTaken(string value, string expected)
    {
        ParseResult parsed = Apply("chat", $"KVNORM_NO_RECALL={value}", "{}");
        Assert.Empty(parsed.Errors);
        Assert.Equal(expected, $"{parsed.GetValue<bool>("--no-recall")}");
    }

    [Theory]
    [InlineData("KVNORM_NO_MMAP=maybe", "{}", "'maybe' is none. KVNORM_NO_MMAP says so.")]
    [InlineData("", "{\"no-mmap\": \"maybe\"}", "'maybe' is none.")]
    [InlineData("", "{\"celsl\": 1}", "'celsl', which is none of the options. Is it 'cells'?")]
    [InlineData("", "{\"cells\": \"many\"}", "'many' is none. ")]
    [InlineData("", "{\"cells\": \"\"}", "config.json says so.")]
    [InlineData("KVNORM_CELLS=many", "{}", "'many' is none. KVNORM_CELLS says so.")]
    [InlineData("KVNORM_CACHE_TYPE_K=q9", "{}", "KVNORM_CACHE_TYPE_K says so.")]
    [InlineData("", "{\"cells\": [1]}", "'cells'")]
    [InlineData("", "[]", "no JSON object")]
    [InlineData("", "{\n\"cells\": 1\n", "line 3")]
    [InlineData("", "{\"json\": true}", "'json'")]
    public void Apply_WhatCannotBe_SaysWhere(string variable, string file, string said) =>
        Assert.Contains(
            said, Assert.Throws<InvalidDataException>(() => Apply("chat", variable, file)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("bench speed")]
    [InlineData("chat --help")]
    [InlineData("chat --colour")]
    public void Apply_CommandThatIsNotAChat_DoesNotLookAtTheFile(string arguments) =>
        Assert.NotNull(Apply(arguments, "", "no JSON at all"));

    public void Dispose() => _folder.Dispose();

    private ParseResult Apply(string arguments, string variable, string file)
    {
        string path = _folder.Write("config.json", Encoding.UTF8.GetBytes(file));
        string[] parts = variable.Split('=');
        Command root = new("kvnorm")
        {
            new System.CommandLine.Help.HelpOption(),
            ChatCommand.Create(),
            InfoCommand.Create(),
            ServeCommand.Create(),
            BenchCommand.Create(),
        };
        return UserSettings.Apply(
            root, arguments.Split(' '), name => name == parts[0] ? parts[1] : null, () => ConfigurationFile.Read(path));
    }

    private static string? Value(ParseResult parsed, string option) =>
        parsed.GetResult(option) is System.CommandLine.Parsing.OptionResult { Tokens: [{ } token, ..] } ? token.Value : null;
}
