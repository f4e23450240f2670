using System.Text.Encodings.Web;
using System.Text.Json;
using KvNorm.Chat.Prompts;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class MessageFormTests
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly MessageForm Usual = new("reasoning_content", 0);

    private static readonly TemplateMessage Calls = new(TemplateRoles.Assistant, "")
    {
        Reasoning = "Hm.",
        Calls = [new FunctionCallContent("id 1", "look", new Dictionary<string, object?>(StringComparer.Ordinal) { ["at"] = "ö" })],
    };

    private static readonly TemplateMessage Result = new(TemplateRoles.Tool, "r") { CallId = "id 1", ToolName = "look" };

    [Fact]
    public void Write_Usual_IsAsTransformersHasIt()
    {
        Assert.Equal(
            "{\"role\":\"assistant\",\"content\":\"\",\"reasoning_content\":\"Hm.\","
            + "\"tool_calls\":[{\"id\":\"id 1\",\"type\":\"function\","
            + "\"function\":{\"name\":\"look\",\"arguments\":{\"at\":\"ö\"}}}]}",
            Json(Usual, Calls));
        Assert.Equal("""{"role":"tool","content":"r","tool_call_id":"id 1","name":"look"}""", Json(Usual, Result));
    }

    [Fact]
    public void Write_OtherForms_AreAsTheTemplateWantsThem()
    {
        Assert.Contains("\"thinking\":\"Hm.\"", Json(Usual with { ReasoningKey = "thinking" }, Calls), StringComparison.Ordinal);
        Assert.Contains(
            "\"content\":[{\"type\":\"thinking\",\"thinking\":\"Hm.\"}]",
            Json(Usual with { ReasoningIsPart = true }, Calls),
            StringComparison.Ordinal);
        Assert.Equal(
            """{"role":"tool","content":[{"type":"text","text":"r"}],"tool_call_id":"id 1","name":"look"}""",
            Json(Usual with { TextIsPart = true }, Result));
        Assert.Contains(
            "\"arguments\":\"{\\\"at\\\":\\\"ö\\\"}\"}", Json(Usual with { ArgumentsAreText = true }, Calls), StringComparison.Ordinal);
        Assert.Contains("\"content\":null", Json(Usual with { EmptyIsNone = true }, Calls), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_IdsOfAFixedLength_StayPaired()
    {
        MessageForm form = Usual with { IdLength = 9 };
        string id = (string)form.Write(Result)["tool_call_id"]!;
        Assert.Matches("^[0-9a-z]{9}$", id);
        Assert.Contains($"\"id\":\"{id}\"", Json(form, Calls), StringComparison.Ordinal);
    }

    private static string Json(MessageForm form, TemplateMessage message) => JsonSerializer.Serialize(form.Write(message), Plain);
}
