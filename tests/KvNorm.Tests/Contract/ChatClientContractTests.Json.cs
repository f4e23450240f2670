using System.Text.Json;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Contract;

/// <content>Answers in JSON.</content>
public abstract partial class ChatClientContractTests
{
    private const int JsonTokens = 120;

    [Fact]
    public async Task GetResponseAsync_Json_IsJson()
    {
        JsonElement answer = await JsonAsync(ChatResponseFormat.Json);
        Assert.Equal(JsonValueKind.Object, answer.ValueKind);
    }

    [Fact]
    public async Task GetResponseAsync_ObjectSchema_IsSatisfied()
    {
        JsonElement answer = await JsonAsync(Schema("""
            {
              "type": "object",
              "properties": {
                "colour": { "enum": ["red", "green", "blue"], "condition": "stray" },
                "count": { "type": "integer", "minimum": 1, "maximum": 9 },
                "ripe": { "type": "boolean" },
                "kind": { "const": "fruit" }
              },
              "required": ["colour", "count", "ripe", "kind"],
              "additionalProperties": false
            }
            """));
        Assert.Equal(
            "colour count kind ripe",
            string.Join(' ', answer.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal)));
        OneOf(answer.GetProperty("colour").GetString(), "red", "green", "blue");
        Assert.InRange(answer.GetProperty("count").GetInt32(), 1, 9);
        OneOf(answer.GetProperty("ripe").GetRawText(), "true", "false");
        Assert.Equal("fruit", answer.GetProperty("kind").GetString());
    }

    [Fact]
    public async Task GetResponseAsync_SchemaWithReferencesArraysAndNulls_IsSatisfied()
    {
        JsonElement answer = await JsonAsync(Schema("""
            {
              "$defs": { "size": { "enum": ["S", "M", "L"] } },
              "type": "object",
              "properties": {
                "sizes": { "type": "array", "items": { "$ref": "#/$defs/size" }, "minItems": 1, "maxItems": 3 },
                "owner": { "type": ["boolean", "null"] },
                "code": { "anyOf": [{ "const": 7 }, { "const": "seven" }] }
              },
              "required": ["sizes", "owner", "code"]
            }
            """));
        JsonElement[] sizes = [.. answer.GetProperty("sizes").EnumerateArray()];
        Assert.InRange(sizes.Length, 1, 3);
        Assert.All(sizes, size => OneOf(size.GetString(), "S", "M", "L"));
        OneOf(answer.GetProperty("owner").GetRawText(), "true", "false", "null");
        OneOf(answer.GetProperty("code").GetRawText(), "7", "\"seven\"");
    }

    [Fact]
    public async Task GetResponseAsync_SchemaThatIsNoObject_IsSatisfied() =>
        OneOf((await JsonAsync(Schema("""{ "type": "string", "enum": ["yes", "no"] }"""))).GetString(), "yes", "no");

    private static ChatResponseFormatJson Schema(string schema) =>
        ChatResponseFormat.ForJsonSchema(JsonDocument.Parse(schema).RootElement, "answer");

    private async Task<JsonElement> JsonAsync(ChatResponseFormat format)
    {
        ChatOptions options = Greedy(JsonTokens);
        options.FrequencyPenalty = 1; // ends what a small model would repeat for ever
        options.ResponseFormat = format;
        ChatResponse response = await Client.GetResponseAsync([User("Describe one apple as short JSON.")], options);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        return JsonDocument.Parse(response.Text).RootElement;
    }
}
