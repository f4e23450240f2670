namespace KvNorm.Jinja.Tests;

public sealed class PrimaryParserTests
{
    public static TheoryData<string, object?> Literals => new()
    {
        { "true", true },
        { "True", true },
        { "false", false },
        { "False", false },
        { "none", null },
        { "None", null },
        { "42", 42L },
        { "1_000", 1000L },
        { "2.5", 2.5 },
        { "1e3", 1000.0 },
        { "9223372036854775807", long.MaxValue },
    };

    [Theory]
    [MemberData(nameof(Literals))]
    public void Parse_Literal_HasItsValue(string literal, object? expected) => Assert.Equal(expected, Runs.Value(literal));

    [Fact]
    public void Parse_Strings_AreTheTemplatesOwn() =>
        Assert.Equal([new JinjaText("ab", FromTemplate: true)], Rendering.Pieces("{{ 'a' \"b\" }}"));

    [Theory]
    [InlineData("[1, [2], ]", "[1, [2]]")]
    [InlineData("[]", "[]")]
    [InlineData("{'a': 1, 'b': {}, }", """{"a": 1, "b": {}}""")]
    [InlineData("{1: 2, true: 3}", """{"1": 3}""")]
    [InlineData("(1)", "1")]
    [InlineData("(1,)|length", "1")]
    [InlineData("()|length", "0")]
    [InlineData("1, 2", "[1, 2]")]
    public void Parse_Display_HoldsItsItems(string expression, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{{{ {expression} }}}}"));

    [Theory]
    [InlineData("{{ 9223372036854775808 }}", "the number '9223372036854775808' is too large")]
    [InlineData("{{ [1 2] }}", "',' is expected before '2'")]
    [InlineData("{{ {1} }}", "':' is expected before '}'")]
    [InlineData("{{ = }}", "an expression is expected before '='")]
    public void Parse_Malformed_SaysWhatIsExpected(string template, string message) =>
        Assert.Equal("line 1: " + message, Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template)).Message);
}
