using System.Text.Json;
using System.Text.Json.Nodes;
using KvNorm.Grammars;
using NJsonSchema;

namespace KvNorm.Tests.Grammars;

public sealed class SchemaMergeTests
{
    private static readonly string[] Schemas =
    [
        "{}",
        """{"type":"integer","minimum":2}""",
        """{"type":"number","maximum":2}""",
        """{"minimum":1.5}""",
        """{"exclusiveMinimum":1,"maximum":9}""",
        """{"type":["string","boolean"]}""",
        """{"type":"string","minLength":2}""",
        """{"maxLength":2}""",
        """{"enum":[1,2,"ab",{"a":2}]}""",
        """{"enum":[2,"abc",{"a":2},[1]]}""",
        """{"type":"object","properties":{"a":{"type":"integer"}}}""",
        """{"properties":{"a":{"minimum":2}},"required":["a"]}""",
        """{"type":"object","additionalProperties":{"type":"integer"}}""",
        """{"properties":{"b":{"maxLength":1}},"additionalProperties":false,"required":["b"]}""",
        """{"type":"array","items":{"type":"integer"}}""",
        """{"items":{"maximum":2},"minItems":1}""",
        """{"type":["array","boolean"],"maxItems":1}""",
    ];

    private static readonly string[] Instances =
    [
        "1", "1.5", "2", "3", "null", "true", "\"a\"", "\"ab\"", "\"abc\"", "{}",
        """{"a":1}""", """{"a":2}""", """{"a":"x"}""", """{"b":1}""",
        """{"b":"x"}""", """{"b":"xy"}""", """{"a":2,"b":1}""", """{"a":2,"b":"x"}""", "[]", "[1]", "[3]", "[\"x\"]", "[1,2]",
    ];

    [Fact]
    public void Merge_TwoSchemas_AllowsWhatBothAllow()
    {
        bool[][] valid = [.. Schemas.Select(static schema => Judge(schema))];
        for (int left = 0; left < Schemas.Length; left++)
        {
            for (int right = 0; right < Schemas.Length; right++)
            {
                string? merged = Merge(Schemas[left], Schemas[right]);
                bool[]? actual = merged is null ? null : Judge(merged);
                for (int i = 0; i < Instances.Length; i++)
                {
                    bool expected = valid[left][i] && valid[right][i];
                    Assert.True(expected == (actual?[i] ?? false), $"{Instances[i]} and {merged} of {Schemas[left]} and {Schemas[right]}");
                }
            }
        }
    }

    [Theory]
    [InlineData("""{"minimum":3,"maximum":9}""", """{"minimum":5,"maximum":7}""", """{"minimum":5,"maximum":7}""")]
    [InlineData("""{"minLength":3}""", """{"minLength":2}""", """{"minLength":3}""")]
    [InlineData("""{"minimum":9007199254740992}""", """{"minimum":9007199254740993}""", """{"minimum":9007199254740993}""")]
    [InlineData("""{"maximum":1e300}""", """{"maximum":1e299}""", """{"maximum":1e299}""")]
    [InlineData("""{"minimum":3,"exclusiveMinimum":true}""", """{"minimum":5}""", """{"exclusiveMinimum":3,"minimum":5}""")]
    [InlineData("""{"maxItems":3}""", """{"maxItems":2}""", """{"maxItems":2}""")]
    [InlineData("""{"exclusiveMaximum":3}""", """{"maximum":2}""", """{"exclusiveMaximum":3,"maximum":2}""")]
    [InlineData("""{"required":["a","b"]}""", """{"required":["b","c"]}""", """{"required":["a","b","c"]}""")]
    [InlineData("""{"enum":[1,2,3]}""", """{"enum":[3,2.0,4]}""", """{"enum":[2,3]}""")]
    [InlineData("""{"const":{"a":1,"b":2}}""", """{"const":{"b":2,"a":1}}""", """{"const":{"a":1,"b":2}}""")]
    [InlineData("""{"type":"string"}""", """{"format":"date"}""", """{"type":"string","format":"date"}""")]
    [InlineData("""{"prefixItems":[{}]}""", """{"minItems":1}""", """{"prefixItems":[{}],"minItems":1}""")]
    [InlineData("{}", """{"prefixItems":[{"type":"null"}],"items":false}""", """{"prefixItems":[{"type":"null"}],"items":false}""")]
    [InlineData("""{"items":{"type":"null"}}""", """{"items":true}""", """{"items":{"type":"null"}}""")]
    [InlineData("""{"items":{"type":"null"}}""", """{"items":false}""", """{"items":false}""")]
    public void Merge_Keywords_AreTheTighterOnes(string left, string right, string expected) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(Merge(left, right)!)), Merge(left, right));

    [Theory]
    [InlineData("\"number\"", "\"integer\"", "integer")]
    [InlineData("\"integer\"", "[\"number\",\"string\"]", "integer")]
    [InlineData("[\"string\",\"null\"]", "[\"null\",\"object\"]", "null")]
    [InlineData("[\"array\",\"boolean\"]", "\"boolean\"", "boolean")]
    public void Merge_Types_AreThoseOfBoth(string left, string right, string expected)
    {
        foreach ((string one, string other) in new[] { (left, right), (right, left) })
        {
            Schema both = SchemaMerge.Merge(Read($"{{\"type\":{one}}}"), Read($"{{\"type\":{other}}}"))!;
            Assert.Equal(expected, both.Types.ToString(), ignoreCase: true);
        }
    }

    [Theory]
    [InlineData("""{"type":"string","nullable":true}""", """{"type":"string","nullable":true}""", true)]
    [InlineData("""{"type":"string","nullable":true}""", """{"type":"string"}""", false)]
    [InlineData("""{"type":"string"}""", """{"type":"string","nullable":true}""", false)]
    [InlineData("""{"type":"string","nullable":true}""", """{"type":["string","null"]}""", true)]
    [InlineData("""{"type":"string","nullable":true}""", """{"maxLength":3}""", true)]
    public void Merge_Nullable_HoldsWhereBothSayIt(string left, string right, bool expected) =>
        Assert.Equal(expected, SchemaMerge.Merge(Read(left), Read(right))!.Types.HasFlag(JsonTypes.Null));

    [Theory]
    [InlineData("""{"type":"string"}""", """{"type":"integer"}""")]
    [InlineData("""{"type":["string","null"]}""", """{"type":["object","array"]}""")]
    [InlineData("""{"const":1}""", """{"const":"1"}""")]
    [InlineData("""{"enum":[1,2]}""", """{"enum":["1",3]}""")]
    [InlineData("""{"enum":[1,2]}""", """{"type":"string"}""")]
    [InlineData("""{"const":1}""", """{"enum":[2]}""")]
    public void Merge_NothingSatisfiesBoth_IsNothing(string left, string right)
    {
        Assert.Null(Merge(left, right));
        Assert.Null(Merge(right, left));
    }

    // 400 million pairs.
    [Fact]
    public void Merge_LongLists_AreWhatTheyHaveInCommon()
    {
        string left = string.Join(',', Enumerable.Range(0, 20_000).Select(static i => $$"""{"a":[{{i}}.0,"x"]}"""));
        string right = string.Join(',', Enumerable.Range(19_998, 20_000).Select(static i => $$"""{"a":[{{i}},"\u0078"]}"""));
        Assert.Equal(
            """{"enum":[{"a":[19998.0,"x"]},{"a":[19999.0,"x"]}]}""", Merge($$"""{"enum":[{{left}}]}""", $$"""{"enum":[{{right}}]}"""));
    }

    // What has one hash is compared only so often.
    [Theory]
    [InlineData("1.00000000000000000000000000000", "")]
    [InlineData("{\"k\":0,\"k", "\":0}")]
    public void Merge_LongListsOfAlikeValues_EndSoon(string start, string end)
    {
        Assert.Null(Merge(ListFrom(100_000), ListFrom(200_000)));

        string ListFrom(int first) =>
            $$"""{"enum":[{{string.Join(',', Enumerable.Range(first, 20_000).Select(i => start + i + end))}}]}""";
    }

    // Hundreds of times, as a schema of some 64 KB may have it.
    [Fact]
    public void Merge_ManyPropertiesAndRequiredNames_EndsSoon()
    {
        string[] names = [.. Enumerable.Range(0, 4000).Select(static i => $"a{i:x}")];
        string required = string.Join(',', names.Select(static name => $"\"{name}\""));
        Schema whole = Read("{\"enum\":[{" + Members(names) + "}],\"required\":[" + required + "]}");
        Schema one = Read("{\"properties\":{" + Members(names) + "}}"), other = Read("{\"properties\":{" + Members(names, "b") + "}}");
        for (int i = 0; i < 100; i++)
        {
            Assert.NotNull(SchemaMerge.Merge(whole, Read("{}")));
            Assert.NotNull(SchemaMerge.Merge(one, other));
        }

        static string Members(IEnumerable<string> names, string before = "") =>
            string.Join(',', names.Select(name => $"\"{before}{name}\":true"));
    }

    [Fact]
    public void Merge_Properties_KeepTheirOrder()
    {
        string merged = Merge("""{"properties":{"b":{},"a":{}}}""", """{"properties":{"c":{},"a":{"type":"null"},"\"":{}}}""")!;
        using JsonDocument json = JsonDocument.Parse(merged);
        IEnumerable<string> names = json.RootElement.GetProperty("properties").EnumerateObject().Select(static member => member.Name);
        Assert.Equal(["b", "a", "c", "\""], names, StringComparer.Ordinal);
    }

    private static Schema Read(string schema) => Schema.Of("", JsonElement.Parse(schema));

    private static string? Merge(string left, string right) => SchemaMerge.Merge(Read(left), Read(right)) is { } both
        ? $"{{{string.Join(',', both.Keywords.Select(static keyword => $"\"{keyword.Key}\":{keyword.Value.GetRawText()}"))}}}"
        : null;

    // Which instances satisfy a schema.
    private static bool[] Judge(string schema)
    {
        JsonNode json = JsonNode.Parse(schema)!;
        if (json["properties"] is JsonObject properties)
        {
            // The validator knows no booleans there.
            foreach ((string name, _) in properties.Where(static property => property.Value is JsonValue).ToArray())
                properties[name] = new JsonObject { ["not"] = new JsonObject() };
        }

        JsonSchema judge = JsonSchema.FromJsonAsync(json.ToJsonString()).GetAwaiter().GetResult();
        return [.. Instances.Select(instance => judge.Validate(instance).Count == 0)];
    }
}
