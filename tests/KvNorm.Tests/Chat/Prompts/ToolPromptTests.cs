using System.Text.Json;
using KvNorm.Chat.Prompts;
using KvNorm.Tests.Chat.Replies;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class ToolPromptTests
{
    [Fact]
    public void ForTemplate_ThirtyTools_KeepsTheirOrder()
    {
        AIFunctionDeclaration[] tools =
        [
            .. Enumerable.Range(0, 30)
                .Select(static i => Spoken.Tool($"t{i}", """{"type":"object","properties":{"x":{"type":"string"}}}""")),
        ];
        using JsonDocument json = JsonDocument.Parse(JsonSerializer.Serialize(ToolPrompt.ForTemplate(tools, SchemaNeeds.None)));
        Assert.Equal(
            tools.Select(static tool => tool.Name),
            json.RootElement.EnumerateArray().Select(static tool => tool.GetProperty("function").GetProperty("name").GetString()),
            StringComparer.Ordinal);
        Assert.Equal(
            """{"type":"function","function":{"name":"t0","description":"does it","parameters":{"type":"object","properties":"""
            + """{"x":{"type":"string"}}}}}""",
            json.RootElement[0].GetRawText());
    }

    [Fact]
    public void Text_TellsOfEveryToolAndOfTheForm()
    {
        string text = ToolPrompt.Text(Spoken.Tools);
        Assert.Contains(
            """{"name": "weather", "description": "does it", "parameters": {"type":"object","properties":{"city":{"type":"string"},"""
            + "\"days\":{\"type\":\"integer\"}},\"required\":[\"city\"]}}",
            text,
            StringComparison.Ordinal);
        Assert.Contains("\"time\"", text, StringComparison.Ordinal);
        Assert.Contains("<tool_call>\n{\"name\": ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("must", text, StringComparison.Ordinal);
    }
}
