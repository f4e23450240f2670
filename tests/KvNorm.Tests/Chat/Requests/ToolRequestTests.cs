using System.Text.Json;
using KvNorm.Chat.Constraints;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Prompts;
using KvNorm.Chat.Requests;
using KvNorm.Tests.Chat.Replies;
using KvNorm.Tests.Grammars;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Requests;

public sealed class ToolRequestTests
{
    private static List<AITool> Tools => [.. Spoken.Tools];

    [Fact]
    public void Create_NothingSaid_IsAutomatic()
    {
        ToolRequest request = ToolRequest.Create(new ChatOptions { Tools = Tools });
        Assert.Equal(["weather", "time", "note"], request.Tools.Select(static tool => tool.Name), StringComparer.Ordinal);
        Assert.False(request.IsForced);
        Assert.True(request.Many);
        Assert.False(ToolRequest.Create(new ChatOptions { Tools = Tools, ToolMode = ChatToolMode.Auto }).IsForced);
    }

    [Fact]
    public void Create_NoToolsOrNoneWanted_IsNone()
    {
        Assert.Same(ToolRequest.None, ToolRequest.Create(null));
        Assert.Same(ToolRequest.None, ToolRequest.Create(new ChatOptions()));
        Assert.Same(ToolRequest.None, ToolRequest.Create(new ChatOptions { Tools = [], ToolMode = ChatToolMode.Auto }));
        Assert.Same(ToolRequest.None, ToolRequest.Create(new ChatOptions { Tools = [new HostedWebSearchTool()], ToolMode = ChatToolMode.None }));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Create_Required_IsForced(bool? many, bool expected)
    {
        ToolRequest request = ToolRequest.Create(new ChatOptions { Tools = Tools, ToolMode = ChatToolMode.RequireSpecific("time"), AllowMultipleToolCalls = many });
        Assert.True(request.IsForced);
        Assert.Equal("time", request.Only);
        Assert.Equal(expected, request.Many);
        Assert.Null(ToolRequest.Create(new ChatOptions { Tools = Tools, ToolMode = ChatToolMode.RequireAny }).Only);
    }

    [Fact]
    public void Create_RequiredCallThatIsNotPossible_Throws()
    {
        Assert.Contains("no tool", Assert.Throws<ArgumentException>(static () => ToolRequest.Create(new ChatOptions { ToolMode = ChatToolMode.RequireAny })).Message, StringComparison.Ordinal);
        ArgumentException e = Assert.Throws<ArgumentException>(static () => ToolRequest.Create(new ChatOptions { Tools = Tools, ToolMode = ChatToolMode.RequireSpecific("Time") }));
        Assert.Contains("'Time'", e.Message, StringComparison.Ordinal);
        Assert.Contains("weather, time, note", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_ToolOfAnotherKind_IsNamed()
    {
        NotSupportedException e = Assert.Throws<NotSupportedException>(static () => ToolPrompt.Functions([Spoken.Tools[0], new HostedWebSearchTool()]));
        Assert.Contains("Tool 1", e.Message, StringComparison.Ordinal);
        Assert.Contains("HostedWebSearchTool", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_SameNameTwice_TheLaterCounts()
    {
        AIFunctionDeclaration later = Spoken.Tool("weather", "{}", "later");
        Assert.Equal([later, Spoken.Tools[1]], ToolPrompt.Functions([Spoken.Tools[0], Spoken.Tools[1], later]));
    }

    [Fact]
    public void Functions_OddNames_AreTaken()
    {
        string name = new string('n', 200) + " ö-\"";
        Assert.Equal(name, Assert.Single(ToolPrompt.Functions([Spoken.Tool(name, "{}")])).Name);
        Assert.Throws<ArgumentException>(static () => ToolPrompt.Functions([null!]));
    }

    [Fact]
    public void ForTemplate_ThirtyTools_KeepsTheirOrder()
    {
        AIFunctionDeclaration[] tools = [.. Enumerable.Range(0, 30).Select(static i => Spoken.Tool($"t{i}", """{"type":"object","properties":{"x":{"type":"string"}}}"""))];
        using JsonDocument json = JsonDocument.Parse(JsonSerializer.Serialize(ToolPrompt.ForTemplate(tools)));
        Assert.Equal(tools.Select(static tool => tool.Name), json.RootElement.EnumerateArray().Select(static tool => tool.GetProperty("function").GetProperty("name").GetString()), StringComparer.Ordinal);
        Assert.Equal("""{"type":"function","function":{"name":"t0","description":"does it","parameters":{"type":"object","properties":{"x":{"type":"string"}}}}}""", json.RootElement[0].GetRawText());
    }

    [Fact]
    public void Create_NoneWithTools_TellsOfThemAndForbidsCalls()
    {
        ToolRequest request = ToolRequest.Create(new ChatOptions { Tools = Tools, ToolMode = ChatToolMode.None });
        Assert.True(request.IsForbidden);
        Assert.Equal(ToolRequest.Create(new ChatOptions { Tools = Tools }).Tools, request.Tools);
    }

    [Theory]
    [InlineData("Twelve.", true)]
    [InlineData("a <tool_cal> b </tool_call", true)]
    [InlineData("", true)]
    [InlineData("<tool_call>", false)]
    [InlineData("x <<tool_call>", false)]
    public void ForbiddenGrammar_TakesTextWithoutTheMark(string text, bool accepted) =>
        Assert.Equal(accepted, GrammarMatcher.Accepts(ToolGrammar.Forbidden(ToolCallFormat.Generic)!.Text, text));

    [Fact]
    public void Text_TellsOfEveryToolAndOfTheForm()
    {
        string text = ToolPrompt.Text(ToolPrompt.Functions(Tools));
        Assert.Contains("""{"name": "weather", "description": "does it", "parameters": {"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]}}""", text, StringComparison.Ordinal);
        Assert.Contains("\"time\"", text, StringComparison.Ordinal);
        Assert.Contains("<tool_call>\n{\"name\": ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("must", text, StringComparison.Ordinal);
    }
}
