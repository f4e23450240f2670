using System.Text.Json;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Prompts;
using KvNorm.Chat.Requests;
using KvNorm.Jinja.Tests.Oracle;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Prompts;

/// <summary>Schemas of tools come from strangers, and templates look into them: none of them makes a request fail.</summary>
public sealed class ToolSchemaTests
{
    /// <summary>What stands for the schema of a tool, or for that of its parameter "key1".</summary>
    private static readonly string[] Tools =
    [
        "{}",
        "true",
        """{"type":"object"}""",
        """{"type":"object","properties":null}""",
        """{"type":"object","properties":[]}""",
        """{"type":["object","null"],"properties":{"key1":{"type":"string","description":"A."}}}""",
        """{"properties":{"key1":{"type":"string","description":"A."}},"required":null}""",
        """{"type":"object","properties":{"key1":{"type":"string","description":"A."}},"required":true}""",
        """{"type":"object","properties":{"key1":{"type":"string","description":"A."}},"required":[1,"key1","other"]}""",
        """{"type":"object","properties":{"key1":{"$ref":"#/$defs/d"}},"$defs":{"d":{"type":"string"}}}""",
        """{"type":"object","properties":{"key1":{"$ref":"#/$defs/d"}},"$defs":{"d":{"properties":{"in":{"$ref":"#/$defs/d"}}}}}""",
        """{"anyOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"b":{}}}]}""",
        """{"type":"object","properties":{"items":{"type":"string"},"keys":{},"get":{"type":"integer"},"type":{},"description":{}}}""",
        """{"type":"object","properties":{"":{"type":"string"},"a b":{},"\"{{ x }}\"":{"type":"string"},"é":{"type":"number"}}}""",
        """{"type":"object","properties":{"\ud800":{"type":"string","description":"\ud800"}},"title":"\udc00"}""",
        """{"type":"object","properties":{"key":{"type":"string","enum":["\ud800"],"description":"\udc00","default":"\ud800"}}}""",
    ];

    private static readonly string[] Parameters =
    [
        "{}",
        "true",
        "false",
        "null",
        "7",
        "[]",
        """{"type":"string"}""",
        """{"type":"number"}""",
        """{"type":"null"}""",
        """{"type":7}""",
        """{"type":null}""",
        """{"type":[]}""",
        """{"type":"date"}""",
        """{"type":["string","null"]}""",
        """{"type":["string","integer"],"description":"A."}""",
        """{"description":"A."}""",
        """{"type":"string","description":null}""",
        """{"type":"string","description":7}""",
        """{"type":"string","description":["A."]}""",
        """{"enum":["a","b"]}""",
        """{"type":"string","enum":["a",1,null,true,{"x":1},["y"]],"description":"A."}""",
        """{"type":"integer","enum":[1,2]}""",
        """{"type":"string","enum":[]}""",
        """{"type":"string","enum":null}""",
        """{"type":"string","enum":"a"}""",
        """{"const":"a"}""",
        """{"const":1,"description":"A."}""",
        """{"type":"string","default":null}""",
        """{"type":"integer","default":7,"minimum":1,"maximum":9}""",
        """{"type":"object","default":{"a":1},"description":"A."}""",
        """{"type":"boolean","default":true,"nullable":true}""",
        """{"type":"array"}""",
        """{"type":"array","items":true}""",
        """{"type":"array","items":{}}""",
        """{"type":"array","items":[]}""",
        """{"type":"array","items":[{"type":"string"}]}""",
        """{"type":"array","items":{"type":"array","items":{"anyOf":[{"type":"string"}]}}}""",
        """{"type":"array","items":{"type":["string","null"]},"description":"A."}""",
        """{"type":"array","items":{"type":"object"},"minItems":1}""",
        """{"type":"object"}""",
        """{"type":"object","properties":null}""",
        """{"type":"object","properties":{"in":{}}}""",
        """{"type":"object","properties":{"in":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["in"]}""",
        """{"type":"object","properties":{"in":{"type":"object","properties":{"deep":true}}},"description":"A."}""",
        """{"type":"object","additionalProperties":true}""",
        """{"type":"object","additionalProperties":{"type":"string"},"description":"A."}""",
        """{"type":"object","additionalProperties":{"type":["integer","null"]}}""",
        """{"anyOf":[{"type":"string"},{"type":"null"}]}""",
        """{"anyOf":[{"type":"string"},{"enum":[1]},true,{}],"description":"A."}""",
        """{"anyOf":[]}""",
        """{"anyOf":null}""",
        """{"oneOf":[{"type":"string"},{"type":"object","properties":{"in":{}}}]}""",
        """{"oneOf":[{"const":"a"},{"const":1}],"default":"a"}""",
        """{"allOf":[{"type":"string"},{"minLength":2}]}""",
        """{"not":{"type":"string"}}""",
        """{"$ref":"#"}""",
        """{"$ref":7}""",
        """{"type":"string","format":"date-time","pattern":"^\"a","examples":["a"],"description":"A \"b\"\nc."}""",
    ];

    public static TheoryData<string> Names =>
        [.. ChatTemplates.All.Where(static name => new Dialect(ChatTemplates.Source(name), []).TakesTools)];

    private static IEnumerable<string> Schemas =>
        Tools.Concat(Parameters.Select(static schema => $$$"""{"type":"object","properties":{"key1":{{{schema}}}}}"""));

    [Theory]
    [InlineData("""{"type":"object","properties":{}}""")]
    [InlineData("""{"title":"T","type":"object","properties":{"a":{"type":["string","null"],"default":null}},"required":["a"]}""")]
    [InlineData("""{"type":"object","properties":{"type":{"type":"string"},"items":{"$ref":"#/$defs/d"}},"$defs":{"d":{}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","items":{"enum":["x",null,1]}}},"additionalProperties":false}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","default":{"required":7,"type":[]},"x-own":[7]}}}""")]
    public void Write_SchemaThatIsWhole_IsThatSchema(string schema) => Assert.Equal(schema, Write(SchemaNeeds.None, schema));

    [Theory]
    [InlineData("true", """{"type":"object","properties":{}}""")]
    [InlineData("""{"properties":{"a":{}},"type":["object","null"]}""", """{"properties":{"a":{}},"type":"object"}""")]
    [InlineData("""{"properties":7,"required":[7,"a"],"description":null}""", """{"required":["a"],"type":"object","properties":{}}""")]
    [InlineData("""{"properties":{"\ud800":{}}}""", """{"type":"object","properties":{}}""")]
    public void Write_SchemaThatIsNone_IsAnObject(string schema, string expected) =>
        Assert.Equal(expected, Write(SchemaNeeds.None, schema));

    [Theory]
    [InlineData(SchemaNeeds.None, "true", "{}")]
    [InlineData(SchemaNeeds.None, """{"type":7,"description":["A."],"enum":"a","anyOf":null}""", "{}")]
    [InlineData(SchemaNeeds.None, """{"type":[]}""", "{}")]
    [InlineData(SchemaNeeds.None, """{"items":[{"type":"string"},true]}""", """{"items":{"anyOf":[{"type":"string"},{}]}}""")]
    [InlineData(SchemaNeeds.OneType, """{"type":"string"}""", """{"type":"string"}""")]
    [InlineData(SchemaNeeds.OneType, "{}", "{}")]
    [InlineData(SchemaNeeds.OneType, """{"type":["null","string"],"x":1}""", """{"type":"string","x":1,"nullable":true}""")]
    [InlineData(SchemaNeeds.OneType, """{"type":["string","integer"]}""", """{"anyOf":[{"type":"string"},{"type":"integer"}]}""")]
    [InlineData(SchemaNeeds.OneType, """{"type":"null"}""", """{"nullable":true}""")]
    [InlineData(SchemaNeeds.OneType, """{"type":"date"}""", "{}")]
    [InlineData(
        SchemaNeeds.OneType,
        """{"anyOf":[{"type":["array","null"],"items":{"type":["string"]}}]}""",
        """{"anyOf":[{"type":"array","items":{"type":"string"},"nullable":true}]}""")]
    [InlineData(SchemaNeeds.Descriptions, """{"type":"string"}""", """{"type":"string","description":""}""")]
    [InlineData(SchemaNeeds.Descriptions, """{"description":"A."}""", """{"description":"A."}""")]
    [InlineData(
        SchemaNeeds.OneType | SchemaNeeds.Descriptions,
        """{"type":["object"],"description":"A."}""",
        """{"type":"object","description":"A.","additionalProperties":true}""")]
    [InlineData(
        SchemaNeeds.Descriptions,
        """{"type":"object","description":"A.","additionalProperties":false}""",
        """{"type":"object","description":"A.","additionalProperties":false}""")]
    public void Write_Parameter_SaysWhatIsNeeded(object needs, string schema, string expected) => Assert.Equal(
        $$$"""{"type":"object","properties":{"a":{{{expected}}}}}""",
        Write((SchemaNeeds)needs, $$$"""{"type":"object","properties":{"a":{{{schema}}}}}"""));

    [Fact]
    public void Write_SchemaDeeperThanJsonIsRead_IsAnObject()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"items\":", 5000)) + "{}" + new string('}', 5000);
        using JsonDocument json = JsonDocument.Parse(deep, new JsonDocumentOptions { MaxDepth = 6000 });
        Assert.Equal("""{"type":"object","properties":{}}""", Write(SchemaNeeds.None, json.RootElement));
    }

    [RealTemplatesTheory]
    [MemberData(nameof(Names))]
    public void Write_AnySchema_IsToldByAnyTemplate(string template)
    {
        List<string> problems = [];
        foreach (string schema in Schemas)
        {
            try
            {
                string prompt = Prompt(template, schema);
                string expected = schema.Contains("key1", StringComparison.Ordinal) ? "key1" : "tool1";
                if (!prompt.Contains(expected, StringComparison.Ordinal))
                    problems.Add($"{schema}: no {expected} in {prompt}");
            }
            catch (ChatTemplateException e)
            {
                problems.Add($"{schema}: {e.Message}");
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private static string Write(SchemaNeeds needs, string schema) => Write(needs, JsonElement.Parse(schema));

    private static string Write(SchemaNeeds needs, JsonElement schema) => JsonSerializer.Serialize(new ToolSchema(needs).Write(schema));

    private static string Prompt(string template, string schema)
    {
        AIFunctionDeclaration tool = AIFunctionFactory.CreateDeclaration("tool1", "", JsonElement.Parse(schema));
        ChatRequest request = ChatRequest.Create(
            [User("Hi")], new ChatOptions { Tools = [tool] }, new KvNormChatOptions(), new SilentChatClient());
        return string.Concat(ChatTemplates.Named(template).Write(request, default).Text.Pieces.Select(static piece => piece.Text));
    }
}
