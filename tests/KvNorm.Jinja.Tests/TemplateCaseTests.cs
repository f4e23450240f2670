namespace KvNorm.Tests.Jinja;

public sealed class TemplateCaseTests
{
    public static TheoryData<string, string> All
    {
        get
        {
            TheoryData<string, string> all = [];
            foreach ((string template, string text) in TemplateCases.AsOracle.Concat(TemplateCases.AsPython))
                all.Add(template, text);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Render_Case_GivesItsText(string template, string expected) =>
        Assert.Equal(expected, Rendering.Text(template, TemplateCases.Variables));

    [Fact]
    public void Oracle_Cases_AreAsTheTablesSay()
    {
        Assert.All(Ask(TemplateCases.AsOracle).Zip(TemplateCases.AsOracle), pair => Assert.Equal(pair.Second.Text, pair.First.Text ?? pair.First.Error, StringComparer.Ordinal));
        Assert.All(Ask(TemplateCases.AsPython).Zip(TemplateCases.AsPython), pair => Assert.False(pair.Second.Text == pair.First.Text));
    }

    private static IReadOnlyList<OracleResult> Ask((string Template, string Text)[] cases) =>
        Oracle.Render([.. cases.Select(item => new OracleCase(item.Template, TemplateCases.Variables))]);
}
