using System.Text.Json;

namespace KvNorm.Jinja.Tests;

public sealed class InputValuesTests
{
    public static TheoryData<object?, object?> Plain => new()
    {
        { null, null },
        { true, true },
        { 7, 7L },
        { 7L, 7L },
        { 2.5f, 2.5 },
        { 2.5, 2.5 },
    };

    [Theory]
    [MemberData(nameof(Plain))]
    public void Convert_PlainValue_GivesTheTemplatesValue(object? value, object? expected) =>
        Assert.Equal(expected, InputValues.Convert(value));

    [Theory]
    [InlineData("1", "1")]
    [InlineData("1.0", "1.0")]
    [InlineData("1e3", "1000.0")]
    [InlineData("9223372036854775808", "9223372036854775808")]
    [InlineData("null", "")]
    [InlineData("false", "false")]
    [InlineData("\"a\"", "a")]
    [InlineData("[1, {\"a\": [null]}]", """[1, {"a": [null]}]""")]
    public void Convert_JsonElement_GivesTheTemplatesValue(string json, string expected) =>
        Assert.Equal(expected, Rendering.Text("{{ x }}", $$"""{"x": {{json}}}"""));

    [Theory]
    [InlineData("{{ x }} {{ [x] | tojson }} {{ {'k': x} }}", "12345678901234567890 [12345678901234567890] {\"k\": 12345678901234567890}")]
    [InlineData("{{ x is number }} {{ x is integer }} {{ x is string }} {{ x > 5 }} {{ x == x }}", "true true false true true")]
    [InlineData("{{ x + 1 }} {{ x * 0 }}", "1.2345678901234567e+19 0.0")]
    [InlineData("{{ 'yes' if x else 'no' }}", "yes")]
    [InlineData("{{ '%d' % x }} {{ '{:d}'.format(x) }}", "12345678901234567890 12345678901234567890")]
    public void Convert_IntegerOfMoreThan64Bits_KeepsItsDigits(string template, string expected) =>
        Assert.Equal(expected, Rendering.Text(template, """{"x": 12345678901234567890}"""));

    [Theory]
    [InlineData("{{ 'a' * x }}")]
    [InlineData("{{ -x }}")]
    [InlineData("{{ x | int }}")]
    [InlineData("{{ x | abs }}")]
    [InlineData("{{ range(x) }}")]
    [InlineData("{{ [1][x] }}")]
    [InlineData("{{ {x: 1} }}")]
    [InlineData("{{ '%d' % x }}")]
    [InlineData("{{ [x, 1] | sort | sum | round }}")]
    public void Convert_IntegerOfMoreThan64Bits_DoesNoHarm(string template)
    {
        (string? text, JinjaException? error) = Rendering.Try(template, """{"x": -12345678901234567890}""");
        Assert.True(text is not null || error is not null);
    }

    [Fact]
    public void Convert_Texts_AreDataUnlessTheCallerVouchesForThem()
    {
        Dictionary<string, object?> variables = new(StringComparer.Ordinal)
        {
            ["a"] = "a",
            ["b"] = new JinjaText("b", FromTemplate: true),
            ["c"] = new JinjaText("c", FromTemplate: false),
            ["d"] = JsonElement.Parse("\"d\""),
            ["e"] = default(JinjaText),
        };
        Assert.Equal(
            [new("a", false), new("b", true), new("cd", false)],
            JinjaTemplate.Parse("{{ a }}{{ b }}{{ c }}{{ d }}{{ e }}").Render(variables));
    }

    [Fact]
    public void Convert_ListsAndDictionaries_AreCopied()
    {
        List<object?> list = [1];
        Dictionary<string, object?> map = new(StringComparer.Ordinal);
        Dictionary<string, object?> variables = new(StringComparer.Ordinal) { ["l"] = list, ["d"] = map };
        JinjaTemplate.Parse("{% do l.append(2) %}{% do d.update(a=1) %}{% set l = 3 %}").Render(variables);
        Assert.Equal([1], list);
        Assert.Empty(map);
        Assert.Same(list, variables["l"]);
    }

    [Theory]
    [InlineData(127, false)]
    [InlineData(128, true)]
    public void Convert_DeepValue_IsRefusedBeyondItsLimit(int depth, bool refused)
    {
        object? value = Enumerable.Range(0, depth + 1).Aggregate((object?)1, (inner, _) => new List<object?> { inner });
        JinjaException? error = Record.Exception(() => InputValues.Convert(value)) as JinjaException;
        Assert.Equal(refused, error is not null);
    }

    [Fact]
    public void Convert_UnknownType_IsAnArgumentException() =>
        Assert.Contains(
            "System.DateTime",
            Assert.Throws<ArgumentException>(() => InputValues.Convert(DateTime.UnixEpoch)).Message,
            StringComparison.Ordinal);

    // JSON may spell half a pair of surrogates, which is no text; .NET finds out when it is read.
    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("[{\"a\": \"b\\udc00\"}]")]
    [InlineData("{\"\\ud800\": 1}")]
    public void Render_JsonWithHalfAPairOfSurrogates_IsAnArgumentExceptionThatNamesTheVariable(string json)
    {
        JinjaTemplate template = JinjaTemplate.Parse("{{ x }}");
        Dictionary<string, object?> variables = new(StringComparer.Ordinal) { ["x"] = JsonElement.Parse(json) };
        ArgumentException error = Assert.Throws<ArgumentException>(() => template.Render(variables));
        Assert.Equal("variables", error.ParamName);
        Assert.Contains("'x'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_JsonOfADisposedDocument_IsAnArgumentExceptionThatNamesTheVariable()
    {
        JsonDocument document = JsonDocument.Parse("{}");
        Dictionary<string, object?> variables = new(StringComparer.Ordinal) { ["x"] = document.RootElement };
        document.Dispose();
        JinjaTemplate template = JinjaTemplate.Parse("{{ x }}");
        Assert.Contains("'x'", Assert.Throws<ArgumentException>(() => template.Render(variables)).Message, StringComparison.Ordinal);
    }
}
