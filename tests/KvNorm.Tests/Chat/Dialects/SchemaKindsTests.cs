using System.Text.Json;
using KvNorm.Chat.Dialects;

namespace KvNorm.Tests.Chat.Dialects;

public sealed class SchemaKindsTests
{
    private const string Root = """
        "$defs":{"name":{"type":"string"},"a/b":{"type":"null"},"loop":{"$ref":"#/$defs/loop"}}
        """;

    [Theory]
    [InlineData("""{"type":"string"}""", "Text")]
    [InlineData("""{"type":["string","null"]}""", "Text, Null")]
    [InlineData("""{"type":"integer"}""", "Scalar")]
    [InlineData("""{"type":["boolean","array"]}""", "Scalar, Structure")]
    [InlineData("""{"type":"string","nullable":true}""", "Text, Null")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "Text, Null")]
    [InlineData("""{"oneOf":[{"type":"number"},{"const":"auto"}]}""", "Text, Scalar")]
    [InlineData("""{"allOf":[{"type":["string","null"]},{"type":["null","object"]}]}""", "Null")]
    [InlineData("""{"enum":["a",1,null,[]]}""", "Any")]
    [InlineData("""{"enum":["a",null]}""", "Text, Null")]
    [InlineData("""{"type":"string","enum":["a",null]}""", "Text")]
    [InlineData("""{"$ref":"#/$defs/name"}""", "Text")]
    [InlineData("""{"$ref":"#/$defs/a~1b"}""", "Null")]
    [InlineData("""{"$ref":"#/$defs/loop"}""", "Any")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "Any")]
    [InlineData("""{"$ref":"http://elsewhere"}""", "Any")]
    [InlineData("{}", "Any")]
    [InlineData("true", "Any")]
    [InlineData("\"string\"", "Any")]
    [InlineData("""{"type":5}""", "Any")]
    [InlineData("""{"type":"text"}""", "Any")]
    public void Parameter_Schema_SaysWhatAValueMayBe(string schema, string kinds)
    {
        JsonElement tool = JsonElement.Parse($$"""{"properties":{"p":{{schema}}},{{Root}}}""");
        Assert.Equal(kinds, SchemaKinds.Parameter(tool, "p").ToString());
        Assert.Equal(ValueKinds.Any, SchemaKinds.Parameter(tool, "other"));
    }

    // 16^8 ways, were they followed one by one.
    [Theory]
    [InlineData("anyOf")]
    [InlineData("allOf")]
    public void Parameter_ReferencesInACircle_AreFollowedOnce(string keyword)
    {
        string again = string.Join(',', Enumerable.Repeat("""{"$ref":"#/$defs/a"}""", 16));
        foreach ((string type, ValueKinds kinds) in new[] { ("string", ValueKinds.Text), ("any", ValueKinds.Any) })
        {
            JsonElement tool = JsonElement.Parse($$"""
                {"properties":{"p":{"$ref":"#/$defs/a"} },"$defs":{"a":{"type":"{{type}}","{{keyword}}":[{{again}}]} } }
                """);
            Assert.Equal(kinds, SchemaKinds.Parameter(tool, "p"));
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("true")]
    [InlineData("""{"properties":5}""")]
    [InlineData("""{"properties":{"p":{"type":"string"},"\ud800":{}}}""")] // half a surrogate pair is no text
    [InlineData("""{"properties":{"p":{"$ref":"#/\ud800"}}}""")]
    public void Parameter_ToolThatSaysLittle_AllowsAnything(string tool) =>
        Assert.Equal(ValueKinds.Any, SchemaKinds.Parameter(JsonElement.Parse(tool), "p"));

    [Theory]
    [InlineData(1, true)] // text
    [InlineData(3, true)] // text or null
    [InlineData(2, false)]
    [InlineData(15, false)] // anything
    public void IsPlain_Kinds_AllowTextAndNotEverything(int kinds, bool expected) => Assert.Equal(expected, ((ValueKinds)kinds).IsPlain());
}
