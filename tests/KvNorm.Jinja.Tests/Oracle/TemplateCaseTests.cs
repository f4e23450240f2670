namespace KvNorm.Jinja.Tests.Oracle;

public sealed class TemplateCaseTests
{
    [Theory]
    [MemberData(nameof(TemplateCases.AsOracle), MemberType = typeof(TemplateCases))]
    public void Render_CaseAsOracle_GivesItsTextAndThatOfTheOracle(string template, string expected)
    {
        Assert.Equal(expected, Rendering.Text(template, TemplateCases.Variables));
        Assert.Equal(expected, OracleRecord.Cases[template].Text);
    }

    [Theory]
    [MemberData(nameof(TemplateCases.AsPython), MemberType = typeof(TemplateCases))]
    public void Render_CaseAsPython_GivesItsTextUnlikeTheOracle(string template, string expected)
    {
        Assert.Equal(expected, Rendering.Text(template, TemplateCases.Variables));
        Assert.False(expected == OracleRecord.Cases[template].Text);
    }
}
