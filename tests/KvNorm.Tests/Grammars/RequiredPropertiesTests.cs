using System.Text.Json;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

/// <summary>Response schemas, of whose objects all declared properties are required where that comes to an end.</summary>
public sealed class RequiredPropertiesTests
{
    private const string Colour = """{"type":"object","properties":{"name":{"enum":["red"]},"ripe":{"type":"boolean"}}}""";
    private const string Inner = """{"type":"object","properties":{"colour":{"type":"object","properties":{"name":{"enum":["red"]}}}}}""";
    private const string List = """{"type":"object","properties":{"value":{"enum":[1]},"next":{"$ref":"#"}}}""";
    private const string Nullable =
        """{"type":"object","properties":{"value":{"enum":[1]},"next":{"anyOf":[{"type":"null"},{"$ref":"#"}]}}}""";
    private const string NullableType = """{"type":["object","null"],"properties":{"value":{"enum":[1]},"next":{"$ref":"#"}}}""";
    private const string Tree =
        """{"type":"object","properties":{"value":{"enum":[1]},"children":{"type":"array","items":{"$ref":"#"}}}}""";
    private const string Children = """{"type":"object","properties":{"children":{"type":"array","minItems":1,"items":{"$ref":"#"}}}}""";
    private const string Mutual = """
        {"$ref":"#/$defs/a","$defs":{
          "a":{"type":"object","properties":{"b":{"$ref":"#/$defs/b"},"x":{"enum":[1]}}},
          "b":{"type":"object","properties":{"a":{"$ref":"#/$defs/a"},"y":{"enum":[2]}}}}}
        """;
    private const string Outer = """
        {"type":"object","properties":{"list":{"$ref":"#/$defs/list"}},
         "$defs":{"list":{"type":"object","properties":{"value":{"enum":[1]},"next":{"$ref":"#/$defs/list"}}}}}
        """;

    [Theory]
    [InlineData(Colour, """{"name":"red","ripe":true}""", true)]
    [InlineData(Colour, """{"name":"red"}""", false)]
    [InlineData(Colour, "{}", false)]
    [InlineData(Inner, """{"colour":{"name":"red"}}""", true)]
    [InlineData(Inner, """{"colour":{}}""", false)]
    [InlineData(List, """{"value":1}""", true)] // a next that each had to have would never end
    [InlineData(List, """{"value":1,"next":{"value":1}}""", true)]
    [InlineData(List, """{"next":{"value":1}}""", false)]
    [InlineData(Nullable, """{"value":1,"next":null}""", true)]
    [InlineData(Nullable, """{"value":1}""", false)]
    [InlineData(NullableType, """{"value":1,"next":null}""", true)]
    [InlineData(NullableType, """{"value":1}""", false)]
    [InlineData(Tree, """{"value":1,"children":[]}""", true)]
    [InlineData(Tree, """{"value":1}""", false)]
    [InlineData(Children, "{}", true)]
    [InlineData(Mutual, """{"b":{"y":2},"x":1}""", true)]
    [InlineData(Mutual, """{"x":1}""", false)]
    [InlineData(Outer, """{"list":{"value":1}}""", true)]
    [InlineData(Outer, "{}", false)]
    public void Schema_AllRequired_ObjectsAreWholeAndEnd(string schema, string text, bool expected)
    {
        GrammarBuilder builder = new(closedObjects: true);
        string grammar = builder.Build(builder.Schema("answer", JsonElement.Parse(schema), allRequired: true));
        Assert.Equal(expected, GrammarMatcher.Accepts(grammar, text));
    }

    [Fact]
    public void Schema_OfATool_HasWhatItSays()
    {
        GrammarBuilder builder = new(closedObjects: true);
        string grammar = builder.Build(builder.Schema("tool", JsonElement.Parse(Colour)));
        Assert.True(GrammarMatcher.Accepts(grammar, "{}"));
    }

    [Fact]
    public void Schema_ManyObjectsInACircle_EndSoon()
    {
        const int objects = 300;
        IEnumerable<string> definitions = Enumerable.Range(0, objects).Select(static i =>
            $$$$"""
            "d{{{{i}}}}":{"type":"object","properties":{"next":{"$ref":"#/$defs/d{{{{(i + 1) % objects}}}}"},"n":{"enum":[{{{{i}}}}]}}}
            """);
        GrammarBuilder builder = new(closedObjects: true);
        string schema = """{"$ref":"#/$defs/d0","$defs":{""" + string.Join(',', definitions) + "}}";
        string grammar = builder.Build(builder.Schema("answer", JsonElement.Parse(schema), allRequired: true));
        Assert.False(GrammarMatcher.Accepts(grammar, """{"n":0}"""));
    }

    // Each end of a chain is known only after the one before it, and each of the others must leave itself out.
    [Fact]
    public void Schema_ChainBesideManyThatHoldThemselves_EndsSoon()
    {
        const int chain = 600, alone = 300;
        IEnumerable<string> properties = Enumerable.Range(1, chain)
            .Select(static k => $$$$"""{"properties":{"x":{"$ref":"#/properties/c{{{{k - 1}}}}"}}}""")
            .Prepend("""{"type":"object"}""")
            .Select(static (schema, k) => $"\"c{k}\":{schema}")
            .Concat(Enumerable.Range(0, alone)
                .Select(static i => $$$$"""
                    "s{{{{i}}}}":{"properties":{"x":{"$ref":"#/properties/s{{{{i}}}}"}}}
                    """));
        GrammarBuilder builder = new(closedObjects: true);
        string schema = "{\"type\":\"object\",\"properties\":{" + string.Join(',', properties) + "}}";
        Assert.NotEmpty(builder.Build(builder.Schema("answer", JsonElement.Parse(schema), allRequired: true)));
    }
}
