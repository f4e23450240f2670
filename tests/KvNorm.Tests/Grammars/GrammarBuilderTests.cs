using System.Text.Json;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class GrammarBuilderTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("\"quoted\\\" \n\t\r[]-^")]
    [InlineData("é€😀\u007f\u0001")]
    [InlineData("# ::= | ()")]
    public void Literal_AnyText_StandsForItself(string text)
    {
        string grammar = new GrammarBuilder().Build(GrammarBuilder.Literal(text));
        Assert.True(GrammarMatcher.Accepts(grammar, text));
        Assert.False(GrammarMatcher.Accepts(grammar, text + "x"));
        Assert.False(GrammarMatcher.Accepts(grammar, text[..^1]));
    }

    [Fact]
    public void Define_SameHint_OtherName()
    {
        GrammarBuilder builder = new();
        string[] names =
        [
            builder.Define("a b", "\"1\""), builder.Define("a b", "\"2\""), builder.Define("a-b", "\"3\""), builder.Define("Root", "\"4\""),
            builder.Define("é", "\"5\""), builder.Define("", ""),
        ];
        Assert.Equal(6, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.True(GrammarMatcher.Accepts(builder.Build(string.Join(' ', names)), "12345"));
    }

    [Fact]
    public void Build_SeveralSchemas_HoldBesideEachOther()
    {
        GrammarBuilder builder = new();
        string first = builder.Schema(
            "tool a",
            Parse(
                """{"type":"object","properties":{"x":{"$ref":"#/$defs/n"}},"required":["x"],"additionalProperties":false,"$defs":"""
                + """{"n":{"type":"integer"}}}"""));
        string second = builder.Schema(
            "tool b",
            Parse(
                """{"type":"object","properties":{"x":{"$ref":"#/$defs/n"}},"required":["x"],"additionalProperties":false,"$defs":"""
                + """{"n":{"type":"boolean"}}}"""));
        string grammar = builder.Build(
            $"{GrammarBuilder.Literal("a:")} {first} | {GrammarBuilder.Literal("b:")} {second} | "
            + $"{GrammarBuilder.Literal("any:")} {builder.Object()}");
        Assert.True(GrammarMatcher.Accepts(grammar, """a:{"x":1}"""));
        Assert.True(GrammarMatcher.Accepts(grammar, """b:{"x":true}"""));
        Assert.True(GrammarMatcher.Accepts(grammar, """any:{"x":[{}]}"""));
        Assert.False(GrammarMatcher.Accepts(grammar, """a:{"x":true}"""));
        Assert.False(GrammarMatcher.Accepts(grammar, """b:{"x":1}"""));
    }

    // Equal texts that refer to something else are not equal.
    [Fact]
    public void Schema_EqualPartsOfSeveralSchemas_ShareTheirRules()
    {
        const string Part = """{"type":"object","properties":{"x":{"$ref":"#/$defs/n"},"y":{"type":"string","minLength":2} } }""";
        GrammarBuilder builder = new(closedObjects: true);
        string first = builder.Schema("a", Parse($$"""{"items":{{Part}},"$defs":{"n":{"type":"integer"} } }"""));
        string same = builder.Schema("b", Parse($$"""{"items":{{Part}},"maxItems":9,"$defs":{"n":{"type":"integer"} } }"""));
        string other = builder.Schema("c", Parse($$"""{"items":{{Part}},"$defs":{"n":{"type":"boolean"} } }"""));
        string grammar = builder.Build($"\"a\" {first} | \"b\" {same} | \"c\" {other}");
        Assert.Equal(2, grammar.Split('\n').Count(static rule => rule.Contains("\"\\\"x\\\":\"", StringComparison.Ordinal)));
        Assert.Single(grammar.Split('\n'), static rule => rule.Contains("\"\\\"y\\\":\"", StringComparison.Ordinal));
        Assert.True(GrammarMatcher.Accepts(grammar, """b[{"x":1}]"""));
        Assert.True(GrammarMatcher.Accepts(grammar, """c[{"x":true}]"""));
        Assert.False(GrammarMatcher.Accepts(grammar, """c[{"x":1}]"""));
    }

    [Fact]
    public void Schema_AllRequired_SharesNothingWithOneThatIsNot()
    {
        const string Schema = """{"properties":{"x":{"type":"null"} } }""";
        GrammarBuilder builder = new(closedObjects: true);
        string all = builder.Schema("a", Parse(Schema), allRequired: true), some = builder.Schema("b", Parse(Schema));
        string grammar = builder.Build($"\"a\" {all} | \"b\" {some}");
        Assert.True(GrammarMatcher.Accepts(grammar, "b{}"));
        Assert.False(GrammarMatcher.Accepts(grammar, "a{}"));
    }

    [Theory]
    [InlineData("""{"a":1}""", true)]
    [InlineData("{\"a\":[1,{}]}", true)]
    [InlineData("[1,{}]", false)]
    [InlineData("1", false)]
    [InlineData("\"text\"", false)]
    [InlineData("{\"a\":}", false)]
    public void Build_AnyObject_IsJsonWithoutASchema(string text, bool expected)
    {
        GrammarBuilder builder = new();
        Assert.Equal(expected, GrammarMatcher.Accepts(builder.Build(builder.Object()), text));
    }

    [Theory]
    [InlineData(JsonRules.Deepest, true)]
    [InlineData(JsonRules.Deepest + 1, false)]
    public void Json_ValuesWithinValues_AreBounded(int depth, bool expected)
    {
        GrammarBuilder builder = new();
        Assert.Equal(
            expected, GrammarMatcher.Accepts(builder.Build(builder.Json()), new string('[', depth) + "1" + new string(']', depth)));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Schema_ClosedObjects_HaveNoUndeclaredProperties(bool closed, bool expected)
    {
        GrammarBuilder builder = new(closed);
        string grammar = builder.Build(
            builder.Schema("x", Parse("""{"type":"object","properties":{"a":{"type":"object"}},"required":["z"]}""")));
        Assert.Equal(expected, GrammarMatcher.Accepts(grammar, """{"a":{"free":1},"z":1,"b":1}"""));
        Assert.True(GrammarMatcher.Accepts(grammar, """{"a":{"free":1},"z":1}"""));
    }

    // llama.cpp copies what is repeated as often as it is.
    [Fact]
    public void Repeat_LongItem_IsARuleOfItsOwn()
    {
        GrammarBuilder builder = new();
        string letters = "[" + string.Concat(Enumerable.Range(0x400, 500).Select(static letter => (char)(2 * letter))) + "]";
        string item = builder.Define("item", letters), repeated = builder.Repeat(letters, 0, 1999);
        Assert.Equal(item + "{0,1999}", repeated);
        Assert.Equal("[a-z]{2}", builder.Repeat("[a-z]", 2, 2));
        Assert.True(GrammarMatcher.Accepts(builder.Build(repeated), $"{(char)0x800}{(char)0x802}"));
    }

    [Fact]
    public void Define_TooMuch_Throws()
    {
        GrammarBuilder builder = new();
        Assert.Throws<ArgumentException>(() => builder.Define("large", new string('a', GrammarCheck.MostCharacters + 1)));
        Assert.Throws<ArgumentException>(
            () => Enumerable.Range(0, GrammarBuilder.MostRules + 1).Select(_ => builder.Reserve("x")).ToArray());
    }

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
