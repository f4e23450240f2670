using System.Text.Json;
using System.Text.Json.Nodes;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class SchemaReaderTests
{
    [Theory]
    [InlineData("true", "[{}]")]
    [InlineData("false", "[]")]
    [InlineData("""{"type":"string","title":"x"}""", """[{"type":"string"}]""")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", """[{"type":"string"},{"type":"null"}]""")]
    [InlineData("""{"oneOf":[{"const":1},false,{"const":2},{"const":1}]}""", """[{"const":1},{"const":2}]""")]
    [InlineData("""{"maxLength":3,"anyOf":[{"minLength":1},{"maxLength":2}]}""", """[{"maxLength":3,"minLength":1},{"maxLength":2}]""")]
    [InlineData("""{"type":"string","anyOf":[{"type":"null"},{"minLength":1}]}""", """[{"type":"string","minLength":1}]""")]
    [InlineData("""{"type":"string","anyOf":[{"type":"null"}]}""", "[]")]
    [InlineData("""{"allOf":[{"minimum":1},{"maximum":5},true]}""", """[{"minimum":1,"maximum":5}]""")]
    [InlineData("""{"allOf":[{"minimum":1},false]}""", "[]")]
    [InlineData("""{"anyOf":[{"minimum":1},{"minimum":2}],"oneOf":[{"maximum":8},{"maximum":9}]}""",
        """[{"minimum":1,"maximum":8},{"minimum":1,"maximum":9},{"minimum":2,"maximum":8},{"minimum":2,"maximum":9}]""")]
    [InlineData("""{"anyOf":[{"anyOf":[{"const":1},{"const":2}]},{"const":3}]}""", """[{"const":1},{"const":2},{"const":3}]""")]
    [InlineData("""{"$ref":"#/$defs/a","minimum":2,"$defs":{"a":{"type":"integer"}}}""", """[{"type":"integer","minimum":2}]""")]
    [InlineData("""{"$ref":"#/$defs/a~1b~0c%25","$defs":{"a/b~c%":{"const":1}}}""", """[{"const":1}]""")]
    [InlineData("""{"$ref":"#/$defs/~01","$defs":{"~1":{"const":1},"/":{"const":2}}}""", """[{"const":1}]""")]
    [InlineData("""{"$ref":"#/allOf/1","x":{},"allOf":[true,{"const":1}]}""", """[{"const":1}]""")]
    [InlineData("""{"$ref":"#/$defs/","$defs":{"":{"const":1}}}""", """[{"const":1}]""")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"const":1}}}""", """[{"const":1}]""")]
    public void Alternatives_Schema_AreWhatItIsMadeOf(string schema, string expected) => AssertSame(expected, Read(schema));

    [Theory]
    [InlineData("""{"anyOf":[{"$ref":"#"},{"const":1}]}""", """[{"const":1}]""")]
    [InlineData("""{"$ref":"#"}""", "[]")]
    [InlineData("""{"anyOf":[{"$ref":"#/$defs/a"},{"const":1}],"$defs":{"a":{"anyOf":[{"$ref":"#"},{"const":2}]}}}""",
        """[{"const":1},{"const":2}]""")]
    public void Alternatives_ReferenceToItself_AddsNothing(string schema, string expected) =>
        AssertSame(expected, [.. Read(schema).OrderBy(static alternative => alternative.Key, StringComparer.Ordinal)]);

    // What must hold of a schema besides itself is what else is said of it.
    [Theory]
    [InlineData("""{"allOf":[{"$ref":"#"},{"type":"string"}]}""", """[{"type":["string"]}]""", "/allOf/0/$ref")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/a","minimum":1}}}""", """[{"minimum":1}]""", "/$defs/a/$ref")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b","minimum":1},"b":{"$ref":"#/$defs/a","maximum":3}}}""",
        """[{"maximum":3,"minimum":1}]""", "/$defs/b/$ref")]
    [InlineData("""{"$ref":"#/$defs/p","$defs":{"p":{"type":"object","oneOf":[{"$ref":"#/$defs/d"},{"$ref":"#/$defs/c"}]},"""
        + """ "d":{"allOf":[{"$ref":"#/$defs/p"},{"required":["d"]}]},"c":{"allOf":[{"$ref":"#/$defs/p"},{"required":["c"]}]}}}""",
        """[{"type":"object","required":["d"]},{"type":"object","required":["c"]}]""", "/$defs/d/allOf/0/$ref /$defs/c/allOf/0/$ref")]
    public void Alternatives_ReferenceToItselfInAConjunction_IsOpenAndTold(string schema, string expected, string places)
    {
        List<string> told = [];
        AssertSame(expected, Read(schema, told.Add));
        Assert.Equal(places.Split(' ').Select(SchemaError.Unsaid), told, StringComparer.Ordinal);
    }

    [Fact]
    public void Alternatives_CircleEnteredElsewhere_AreAllThere()
    {
        JsonElement root = JsonElement.Parse("""
            {"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"},{"const":1}]},"b":{"anyOf":[{"$ref":"#/$defs/a"},{"const":2}]}}}
            """);
        SchemaReader reader = new(root);
        foreach (string name in (string[])["a", "b", "a"])
        {
            IReadOnlyList<Schema> alternatives = reader.Alternatives(JsonElement.Parse($$"""{"$ref":"#/$defs/{{name}}"}"""), "");
            IEnumerable<string> values = alternatives.Select(static schema => schema["const"]!.Value.GetRawText());
            Assert.Equal(["1", "2"], values.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        }
    }

    [Theory]
    [InlineData("5", "/p")]
    [InlineData("\"string\"", "/p")]
    [InlineData("""{"anyOf":[true,5]}""", "/p/anyOf/1")]
    [InlineData("""{"allOf":[]}""", "/p/allOf")]
    [InlineData("""{"oneOf":{}}""", "/p/oneOf")]
    [InlineData("""{"$ref":5}""", "/p/$ref")]
    [InlineData("""{"$ref":"other.json#/a"}""", "/p/$ref")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "/p/$ref")]
    [InlineData("""{"$ref":"#name"}""", "/p/$ref")]
    [InlineData("""{"allOf":[{"$ref":"#/allOf/7"}]}""", "/p/allOf/0/$ref")]
    public void Alternatives_Wrong_NamesThePlace(string schema, string place)
    {
        JsonElement root = JsonElement.Parse(schema);
        ArgumentException e = Assert.Throws<ArgumentException>(() => new SchemaReader(root).Alternatives(root, "/p"));
        Assert.Contains($"'#{place}'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Alternatives_Each_KnowsWhereItStands()
    {
        JsonElement root = JsonElement.Parse("""{"anyOf":[{"const":1},{"$ref":"#/$defs/a"}],"$defs":{"a":{"const":2}}}""");
        IEnumerable<string> places = new SchemaReader(root).Alternatives(root, "/p").Select(static schema => schema.Pointer);
        Assert.Equal(["/p/anyOf/0", "/$defs/a"], places, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(512, true)]
    [InlineData(513, false)]
    public void Alternatives_TooMany_AreTold(int count, bool taken)
    {
        string schema = $$"""{"anyOf":[{{Constants(count)}}]}""";
        if (taken)
            Assert.Equal(count, Read(schema).Count);
        else
            Assert.Contains("alternatives", Assert.Throws<ArgumentException>(() => Read(schema)).Message, StringComparison.Ordinal);
    }

    // Every pair of what two parts allow is looked at, also where none of them is left: 50 million pairs, in 11 KB.
    [Fact]
    public void Alternatives_TooManyPairs_AreTold()
    {
        string parts = string.Join(',', Enumerable.Repeat("""{"$ref":"#/$defs/l"}""", 200));
        string schema = $$"""{"$defs":{"l":{"anyOf":[{{Constants(500)}}]} },"allOf":[{{parts}}]}""";
        Assert.Contains("merges", Assert.Throws<ArgumentException>(() => Read(schema)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Alternatives_TooManyPairsInManyPlaces_AreToldOnce()
    {
        string parts = string.Join(',', Enumerable.Repeat("""{"allOf":[{"$ref":"#/$defs/l"},{"$ref":"#/$defs/l"}]}""", 200));
        JsonElement schema = JsonElement.Parse($$"""{"$defs":{"l":{"anyOf":[{{Constants(500)}}]} },"anyOf":[{{parts}}]}""");
        List<string> told = [];
        new SchemaReader(schema, told.Add).Alternatives(schema, "");
        Assert.Contains("merges", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public void Alternatives_EqualOnes_AreMergedOnce()
    {
        string equal = string.Join(',', Enumerable.Repeat("""{"type":"integer"}""", 20_000));
        Assert.Equal(500, Read($$"""{"anyOf":[{{Constants(500)}}],"oneOf":[{{equal}}]}""").Count);
    }

    [Theory]
    [InlineData(SchemaReader.Deepest, true)]
    [InlineData(SchemaReader.Deepest + 1, false)]
    public void Alternatives_ReferencesThroughReferences_AreTakenUpToALimit(int count, bool taken)
    {
        IEnumerable<string> chain = Enumerable.Range(0, count).Select(static i => $$"""
            "d{{i}}":{"$ref":"#/$defs/d{{i + 1}}"}
            """);
        string schema = $$"""{"$ref":"#/$defs/d1","$defs":{{{string.Join(',', chain)}},"d{{count}}":{"const":1} } }""";
        if (taken)
            Assert.Single(Read(schema));
        else
            Assert.Contains("nested", Assert.Throws<ArgumentException>(() => Read(schema)).Message, StringComparison.Ordinal);
    }

    private static string Constants(int count) =>
        string.Join(',', Enumerable.Range(0, count).Select(static i => $$"""{"const":{{i}}}"""));

    private static IReadOnlyList<Schema> Read(string schema, Action<string>? unsaid = null)
    {
        JsonElement root = JsonElement.Parse(schema);
        return new SchemaReader(root, unsaid: unsaid).Alternatives(root, "");
    }

    private static void AssertSame(string expected, IReadOnlyList<Schema> alternatives)
    {
        JsonArray actual = [.. alternatives.Select(static schema => JsonSerializer.SerializeToNode(schema.Keywords))];
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToJsonString());
    }
}
