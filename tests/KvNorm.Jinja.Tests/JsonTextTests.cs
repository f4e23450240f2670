using System.Text.Json;
using FsCheck.Xunit;

namespace KvNorm.Jinja.Tests;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("none", "null")]
    [InlineData("missing", "null")]
    [InlineData("true", "true")]
    [InlineData("-5", "-5")]
    [InlineData("1.0", "1.0")]
    [InlineData("1e300 * 1e300", "Infinity")]
    [InlineData("-1e300 * 1e300", "-Infinity")]
    [InlineData("(1, 'a')", """[1, "a"]""")]
    [InlineData("{}", "{}")]
    [InlineData("[]", "[]")]
    [InlineData("{1: 2, 2.5: 3, 'a': {}}", """{"1": 2, "2.5": 3, "a": {}}""")]
    [InlineData("namespace(a=1)", """{"a": 1}""")]
    [InlineData("""'\"\\\n\r\t\b\f\x01é/<'""", """
        "\"\\\n\r\t\b\f\u0001é/<"
        """)]
    public void Of_Value_IsAsJsonDumpsWrites(string expression, string expected) =>
        Assert.Equal(expected, Written(expression, JsonFormat.Plain));

    [Fact]
    public void Of_Formats_AreFollowed()
    {
        const string Value = "{'b': [1, {}], 'a': 'é😀'}";
        Assert.Equal(
            "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": \"é😀\"\n}",
            Written(Value, JsonFormat.Plain with { Indent = 2, ItemSeparator = "," }));
        Assert.Equal("""{"a":"é😀","b":[1,{}]}""", Written(Value, new JsonFormat(0, ",", ":") { SortKeys = true }));
        Assert.Equal("""{"b": [1, {}], "a": "\u00e9\ud83d\ude00"}""", Written(Value, JsonFormat.Plain with { EnsureAscii = true }));
        Assert.Equal("[undefined]", Written("[missing]", JsonFormat.Plain with { Undefined = "undefined" }));
    }

    [Fact]
    public void Of_TheTemplatesOwnText_IsData() =>
        Assert.Equal([(0, 3, false)], new JsonText(Runs.New(), JsonFormat.Plain).Of(JinjaString.Template("a")).Parts(0, 3));

    [Theory]
    [InlineData("range")]
    [InlineData("[range]")]
    public void Of_WhatIsNoData_IsAnError(string expression) =>
        Assert.Equal(
            "line 1: a function cannot be written as JSON",
            Assert.Throws<JinjaException>(() => Written(expression, JsonFormat.Plain)).Message);

    // Each level looks at all items of the mapping before it writes the first.
    [Fact]
    public void Of_LargeMappingInItself_TakesAStepForEachItem()
    {
        const string Template =
            "{% set d = {} %}{% do d.update(a=d) %}{% for i in range(9999) %}{% do d.update([(i, 1)]) %}{% endfor %}{{ d }}";
        JinjaException? error = Rendering.Try(Template, limits: new JinjaLimits { MaxSteps = 4_000_000 }).Error;
        Assert.Contains("steps", error?.Message, StringComparison.Ordinal);
    }

    [Property]
    public bool Of_AnyText_IsReadBackTheSame(string? text)
    {
        text ??= "";
        string json = new JsonText(Runs.New(), JsonFormat.Plain with { EnsureAscii = true }).Of(JinjaString.Data(text)).Text;
        return HasLoneSurrogates(text) || JsonSerializer.Deserialize<string>(json) == text;
    }

    private static bool HasLoneSurrogates(string text) => text.EnumerateRunes().Any(rune => rune.Value == 0xFFFD);

    private static string Written(string expression, JsonFormat format) => new JsonText(Runs.New(), format).Of(Runs.Value(expression)).Text;
}
