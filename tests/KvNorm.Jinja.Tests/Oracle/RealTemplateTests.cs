namespace KvNorm.Jinja.Tests.Oracle;

public sealed class RealTemplateTests
{
    [RealTemplatesTheory]
    [MemberData(nameof(RealTemplates.Names), MemberType = typeof(RealTemplates))]
    public void Render_RealTemplate_GivesWhatTheOracleGives(string name)
    {
        string source = RealTemplates.Sources.Value[name];
        Assert.True(
            OracleRecord.Digest(source) == OracleRecord.RealTemplates[name]["sha256"].Text,
            $"{name} is not the template that was recorded: delete tests/oracle/obj and run 'node tests/oracle/remake.mjs'.");
        foreach ((string conversation, string variables) in Conversations.Written)
        {
            OracleResult expected = OracleRecord.RealTemplates[name][conversation];
            (string? text, JinjaException? error) = Rendering.Try(source, variables);
            string about = $"{name}, {conversation}: {error?.Message}{text} instead of {expected}";
            if (error is { RaisedByTemplate: true })
                Assert.True(error.Message == expected.Error, about);
            else if (error is not null)
                Assert.True(expected.Error is not null || OracleGaps.RefusesParts(conversation, error), about);
            else if (expected.Error is not null)
                Assert.True(OracleGaps.Known.Contains((name, expected.Error)), about);
            else
                Assert.True(OracleRecord.Digest(text!) == expected.Text, about);
        }
    }

    [RealTemplatesTheory]
    [MemberData(nameof(RealTemplates.Names), MemberType = typeof(RealTemplates))]
    public void Render_RealTemplateWithGeneratedConversations_GivesWhatTheOracleGives(string name)
    {
        string source = RealTemplates.Sources.Value[name];
        if (!OracleGaps.IsFaithful(name, source))
            return;
        foreach ((string conversation, string variables) in OracleRecord.Generated)
        {
            OracleResult expected = OracleRecord.RealTemplates[name][conversation];
            (string? text, JinjaException? error) = Rendering.Try(source, variables);
            string about = $"{name}, {conversation}: {error?.Message}{text} instead of {expected}";
            if (error is null && expected.Error is null)
                Assert.True(OracleRecord.Digest(text!) == expected.Text, about);
            else if (error is null)
                Assert.True(OracleGaps.Errors.Contains(expected.Error!), about);
            else if (expected.Error is null)
                Assert.True(OracleGaps.IsOfTheUndefined(error), about);
            else
                Assert.True(!error.RaisedByTemplate || error.Message == expected.Error, about);
        }
    }

    [RealTemplatesTheory]
    [MemberData(nameof(RealTemplates.Names), MemberType = typeof(RealTemplates))]
    public void Render_RealTemplateWithALongHistory_StaysWithinTheDefaultLimits(string name) =>
        Assert.True(Rendering.Text(RealTemplates.Sources.Value[name], Conversations.Long).Length > 300_000);

    [Fact]
    public void Recorded_Templates_AreAllOfThem() => Assert.Equal(70, OracleRecord.RealTemplates.Count);

    [Fact]
    public void Known_Gaps_AreStillThere()
    {
        foreach ((string template, string error) in OracleGaps.Known)
            Assert.Contains(Conversations.Written.Keys, name => OracleRecord.RealTemplates[template][name].Error == error);
    }

    [Fact]
    public void Docs_Table_NamesAllGaps()
    {
        string docs = File.ReadAllText(Path.Combine(OracleFolder.Path, "..", "..", "docs", "templates.md"));
        Assert.All(OracleGaps.Known, gap => Assert.Contains($"| {gap.Template} | `{gap.Error}` |", docs, StringComparison.Ordinal));
        IEnumerable<string> firstCells = docs.Split('\n').Where(line => line.StartsWith('|')).Select(line => line.Split('|')[1].Trim());
        Assert.Equal(OracleGaps.Known.Count, firstCells.Count(OracleRecord.RealTemplates.ContainsKey));
    }
}
