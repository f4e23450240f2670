using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace KvNorm.Tests.Grammars;

/// <summary>Schemas that are none, that nothing satisfies, or that are too large.</summary>
public sealed class SchemaErrorTests
{
    [Theory]
    [InlineData("5", "#'")]
    [InlineData("[]", "#'")]
    [InlineData("null", "#'")]
    [InlineData("false", "#'")]
    [InlineData("""{"type":5}""", "#/type")]
    [InlineData("""{"type":"text"}""", "#/type")]
    [InlineData("""{"type":[]}""", "#'")]
    [InlineData("""{"type":["string",1]}""", "#/type")]
    [InlineData("""{"properties":5}""", "#/properties")]
    [InlineData("""{"properties":{"a":5}}""", "#/properties/a")]
    [InlineData("""{"properties":{"a/b":{"type":"integer","minimum":"3"}}}""", "#/properties/a~1b/minimum")]
    [InlineData("""{"required":[1]}""", "#/required")]
    [InlineData("""{"properties":{"a":false},"required":["a"]}""", "#'")]
    [InlineData("""{"required":["a"],"additionalProperties":false}""", "#'")]
    [InlineData("""{"additionalProperties":"x"}""", "#/additionalProperties")]
    [InlineData("""{"items":5}""", "#/items")]
    [InlineData("""{"items":{"type":"integer","minimum":5,"maximum":3}}""", "#/items")]
    [InlineData("""{"prefixItems":{}}""", "#/prefixItems")]
    [InlineData("""{"minItems":3,"maxItems":2}""", "#'")]
    [InlineData("""{"minItems":-1}""", "#/minItems")]
    [InlineData("""{"minItems":1.5}""", "#/minItems")]
    [InlineData("""{"items":false,"minItems":1}""", "#'")]
    [InlineData("""{"minLength":"3"}""", "#/minLength")]
    [InlineData("""{"minLength":3,"maxLength":2}""", "#'")]
    [InlineData("""{"pattern":5}""", "#/pattern")]
    [InlineData("""{"format":{}}""", "#/format")]
    [InlineData("""{"type":"number","minimum":5,"maximum":3}""", "#'")]
    [InlineData("""{"type":"number","exclusiveMinimum":3,"maximum":3}""", "#'")]
    [InlineData("""{"type":"integer","minimum":3.1,"maximum":3.9}""", "#'")]
    [InlineData("""{"enum":5}""", "#/enum")]
    [InlineData("""{"enum":[]}""", "#'")]
    [InlineData("""{"type":"string","enum":[1]}""", "#'")]
    [InlineData("""{"type":"object","enum":[{"a":1}],"required":["b"]}""", "#'")]
    [InlineData("""{"anyOf":[]}""", "#/anyOf")]
    [InlineData("""{"anyOf":{}}""", "#/anyOf")]
    [InlineData("""{"anyOf":[5]}""", "#/anyOf/0")]
    [InlineData("""{"allOf":[{"type":"string"},{"type":"integer"}]}""", "#'")]
    [InlineData("""{"$ref":"#/$defs/a"}""", "#/$ref")]
    [InlineData("""{"$ref":"http://example.org/x"}""", "#/$ref")]
    [InlineData("""{"$ref":"#name"}""", "#/$ref")]
    [InlineData("""{"$ref":5}""", "#/$ref")]
    [InlineData("""{"$ref":"#"}""", "#'")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}""", "#'")]
    public void Schema_Wrong_NamesThePlace(string schema, string place)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => SchemaGrammarTests.Grammar(schema));
        Assert.Contains($"'{place.TrimEnd('\'')}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_LongChainOfReferences_IsTold()
    {
        string chain = string.Join(',', Enumerable.Range(0, 5000).Select(static i => $$"""
            "d{{i}}":{"$ref":"#/$defs/d{{i + 1}}"}
            """));
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => SchemaGrammarTests.Grammar($$"""{"$ref":"#/$defs/d0","$defs":{{{chain}},"d5000":{} } }"""));
        Assert.Contains("nested more than", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_LongChainOfObjects_IsConverted()
    {
        string chain = string.Join(',', Enumerable.Range(0, 600).Select(static i => $$"""
            "d{{i}}":{"type":"object","properties":{"n":{"$ref":"#/$defs/d{{i + 1}}"} },"required":["n"],"additionalProperties":false}
            """));
        string grammar = SchemaGrammarTests.Grammar($$"""{"$ref":"#/$defs/d0","$defs":{{{chain}},"d600":{"type":"null"} } }""");
        Assert.True(GrammarMatcher.Accepts(grammar, string.Concat(Enumerable.Repeat("{\"n\":", 600)) + "null" + new string('}', 600)));
    }

    // Every union is made of two that are made of the same two: 2^60 ways, were they walked one by one.
    [Fact]
    public void Schema_UnionsOfUnions_TakeNoTime()
    {
        string unions = string.Join(',', Enumerable.Range(0, 60).Select(static i =>
            $$"""
            "a{{i}}":{"anyOf":[{"$ref":"#/$defs/a{{i + 1}}"},{"$ref":"#/$defs/b{{i + 1}}"}]},
            """
            + $$"""
            "b{{i}}":{"anyOf":[{"$ref":"#/$defs/b{{i + 1}}"},{"$ref":"#/$defs/a{{i + 1}}"}]}
            """));
        long start = Stopwatch.GetTimestamp();
        string grammar = SchemaGrammarTests.Grammar(
            $$"""{"$ref":"#/$defs/a0","$defs":{{{unions}},"a60":{"type":"null"},"b60":{"type":"boolean"} } }""");
        Assert.True(GrammarMatcher.Accepts(grammar, "null") && GrammarMatcher.Accepts(grammar, "true"));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 10);
    }

    // The same, but every union refers back to the first one too.
    [Fact]
    public void Schema_UnionsOfUnionsInACircle_AreToldOrConvertedInTime()
    {
        string unions = string.Join(',', Enumerable.Range(0, 60).Select(static i =>
            $$"""
            "a{{i}}":{"anyOf":[{"$ref":"#/$defs/a{{i + 1}}"},{"$ref":"#/$defs/b{{i + 1}}"},{"$ref":"#/$defs/a0"}]},
            """
            + $$"""
            "b{{i}}":{"anyOf":[{"$ref":"#/$defs/b{{i + 1}}"},{"$ref":"#/$defs/a{{i + 1}}"}]}
            """));
        long start = Stopwatch.GetTimestamp();
        ArgumentException error = Assert.Throws<ArgumentException>(() => SchemaGrammarTests.Grammar(
            $$"""{"$ref":"#/$defs/a0","$defs":{{{unions}},"a60":{"type":"null"},"b60":{"type":"boolean"} } }"""));
        Assert.Contains("steps", error.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 10);
    }

    [Theory]
    [InlineData(1001, "properties")]
    [InlineData(20_000, "properties")]
    public void Schema_ManyProperties_IsTold(int count, string expected)
    {
        string properties = string.Join(
            ',', Enumerable.Range(0, count).Select(static i => string.Create(CultureInfo.InvariantCulture, $"\"p{i}\":{{}}")));
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => SchemaGrammarTests.Grammar($$"""{"properties":{{{properties}} } }"""));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_ThousandProperties_IsConverted()
    {
        string properties = string.Join(
            ',', Enumerable.Range(0, 1000).Select(static i => string.Create(CultureInfo.InvariantCulture, $"\"p{i}\":{{}}")));
        string grammar = SchemaGrammarTests.Grammar($$"""{"properties":{{{properties}} },"additionalProperties":false}""");
        Assert.True(GrammarMatcher.Accepts(grammar, """{"p7":1,"p999":2}"""));
        Assert.False(GrammarMatcher.Accepts(grammar, """{"p999":1,"p7":2}"""));
    }

    [Fact]
    public void Schema_LongEnum_IsTold()
    {
        string values = string.Join(',', Enumerable.Range(0, 1_000_000));
        Assert.Contains(
            "characters",
            Assert.Throws<ArgumentException>(() => SchemaGrammarTests.Grammar($$"""{"enum":[{{values}}]}""")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_ManyBoundedStrings_AreWidenedTogether()
    {
        string properties = string.Join(
            ',',
            Enumerable.Range(0, 200).Select(
                static i => string.Create(CultureInfo.InvariantCulture, $"\"p{i}\":{{\"type\":\"string\",\"maxLength\":{1000 + i}}}")));
        string grammar = SchemaGrammarTests.Grammar($$"""{"properties":{{{properties}} } }""");
        Assert.True(GrammarMatcher.Accepts(grammar, """{"p0":"x","p199":"y"}"""));
        Assert.False(GrammarMatcher.Accepts(grammar, $$"""{"p0":"{{new string('x', 1001)}}"}"""));
        Assert.True(GrammarMatcher.Accepts(grammar, $$"""{"p199":"{{new string('x', 1300)}}"}"""));
    }

    [Theory]
    [InlineData(60, false)]
    [InlineData(1400, false)]
    [InlineData(1600, true)]
    public void Schema_LongPropertyNames_AreToldFromOthersUpToALimit(int length, bool widened)
    {
        string grammar = SchemaGrammarTests.Grammar($$"""{"properties":{"{{new string('n', length)}}":{"type":"null"},"m":{} } }""");
        Assert.True(GrammarMatcher.Accepts(grammar, $$"""{"{{new string('n', length)}}":null,"{{new string('n', length - 1)}}":1}"""));
        Assert.Equal(widened, GrammarMatcher.Accepts(grammar, $$"""{"{{new string('n', length)}}":1}"""));
    }
}
