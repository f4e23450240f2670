using KvNorm.Jinja;

namespace KvNorm.Tests.Jinja;

public sealed class RealTemplateTests
{
    // All cases of all templates go through one process.
    private static readonly Lazy<IReadOnlyDictionary<(string Template, string Conversation), OracleResult>> Expected = new(AskOracle);

    public static TheoryData<string> Names => [.. Oracle.Templates.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_RealTemplate_GivesWhatTheOracleGives(string name)
    {
        foreach ((string conversation, string variables) in Conversations.All)
        {
            OracleResult expected = Expected.Value[(name, conversation)];
            (string? text, ChatTemplateException? error) = Rendering.Try(Oracle.Templates[name], variables);
            string about = $"{name}, {conversation}: {error?.Message}{text} instead of {expected}";
            if (error is { RaisedByTemplate: true })
                Assert.True(error.Message == expected.Error, about);
            else if (error is not null)
                Assert.True(expected.Error is not null || RefusesParts(conversation, error), about);
            else if (expected.Error is not null)
                Assert.True(OracleGaps.Known.Contains((name, expected.Error)), about);
            else
                Assert.True(text == expected.Text, about);
        }
    }

    [Fact]
    public void Known_Gaps_AreStillThere()
    {
        HashSet<(string, string)> met = [.. Expected.Value.Where(pair => pair.Value.Error is not null).Select(pair => (pair.Key.Template, pair.Value.Error!))];
        Assert.Subset(met, OracleGaps.Known.ToHashSet());
    }

    [Fact]
    public void Docs_Table_NamesAllGaps()
    {
        string docs = File.ReadAllText(Path.Combine(Oracle.Folder, "..", "..", "docs", "templates.md"));
        Assert.All(OracleGaps.Known, gap => Assert.Contains($"| {gap.Template} | `{gap.Error}` |", docs, StringComparison.Ordinal));
        Assert.Equal(OracleGaps.Known.Count, docs.Split('\n').Count(line => Oracle.Templates.Keys.Any(name => line.StartsWith($"| {name} |", StringComparison.Ordinal))));
    }

    [Fact]
    public void Parse_EveryRealTemplate_Succeeds()
    {
        Assert.Equal(70, Oracle.Templates.Count);
        Assert.All(Oracle.Templates.Values, template => JinjaTemplate.Parse(template));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_LongHistory_StaysWithinTheDefaultLimits(string name)
    {
        string text = string.Concat(Enumerable.Repeat("word <b> \n", 200));
        string variables = Conversations.Variables(Enumerable.Range(0, 300).Select(i => Conversations.Message(i % 2 == 0 ? "user" : "assistant", text)), """{"tools":[],"functions":"[]","datetime":"now"}""");
        (string? rendered, ChatTemplateException? error) = Rendering.Try(Oracle.Templates[name], variables);
        Assert.Null(error);
        Assert.True(rendered!.Length > 300_000);
    }

    // @huggingface/jinja writes a list beside a text as JavaScript does, without brackets; Python's Jinja refuses it, and so do we.
    private static bool RefusesParts(string conversation, ChatTemplateException error) =>
        conversation == "parts" && error.Message.EndsWith("the operator '+' does not take text and a list", StringComparison.Ordinal);

    private static Dictionary<(string, string), OracleResult> AskOracle()
    {
        (string Template, string Conversation)[] keys = [.. Oracle.Templates.Keys.SelectMany(template => Conversations.All.Keys, (template, conversation) => (template, conversation))];
        IReadOnlyList<OracleResult> results = Oracle.Render([.. keys.Select(key => new OracleCase(Oracle.Templates[key.Template], Conversations.All[key.Conversation]))]);
        return keys.Zip(results).ToDictionary(pair => pair.First, pair => pair.Second);
    }
}
