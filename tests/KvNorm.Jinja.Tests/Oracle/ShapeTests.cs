namespace KvNorm.Jinja.Tests.Oracle;

public sealed class ShapeTests
{
    [Theory]
    [MemberData(nameof(Shapes.Names), MemberType = typeof(Shapes))]
    public void Render_Shape_GivesWhatTheOracleGives(string name)
    {
        foreach ((string conversation, string variables) in Conversations.Written.Concat(OracleRecord.Generated))
        {
            OracleResult expected = OracleRecord.Shapes[name][conversation];
            (string? text, JinjaException? error) = Rendering.Try(Shapes.Sources[name], variables);
            string about = $"{name}, {conversation}: {error?.Message}{text} instead of {expected}";
            if (error is null)
                Assert.True(text == expected.Text, about);
            else if (error.RaisedByTemplate)
                Assert.True(error.Message == expected.Error, about);
            else
                Assert.True(expected.Error is not null || OracleGaps.RefusesParts(conversation, error), about);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes.Names), MemberType = typeof(Shapes))]
    public void Render_ShapeWithALongHistory_StaysWithinTheDefaultLimits(string name) =>
        Assert.True(Rendering.Text(Shapes.Sources[name], Conversations.Long).Length > 300_000);

    // Where a shape refuses everything, the comparison would say little.
    [Fact]
    public void Recorded_Shapes_AreMostlyTexts() =>
        Assert.All(
            OracleRecord.Shapes.Values,
            results => Assert.True(results.Values.Count(result => result.Error is null) > results.Count / 3));
}
