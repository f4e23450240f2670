using KvNorm.Chat.Requests;
using KvNorm.Tests.Chat.Replies;
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
        Assert.Same(
            ToolRequest.None, ToolRequest.Create(new ChatOptions { Tools = [new HostedWebSearchTool()], ToolMode = ChatToolMode.None }));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Create_Required_IsForced(bool? many, bool expected)
    {
        ToolRequest request = ToolRequest.Create(
            new ChatOptions { Tools = Tools, ToolMode = ChatToolMode.RequireSpecific("time"), AllowMultipleToolCalls = many });
        Assert.True(request.IsForced);
        Assert.Equal("time", request.Only);
        Assert.Equal(expected, request.Many);
        Assert.Null(ToolRequest.Create(new ChatOptions { Tools = Tools, ToolMode = ChatToolMode.RequireAny }).Only);
    }

    [Fact]
    public void Create_RequiredCallThatIsNotPossible_Throws()
    {
        Assert.Contains(
            "no tool",
            Assert.Throws<ArgumentException>(
                static () => ToolRequest.Create(new ChatOptions { ToolMode = ChatToolMode.RequireAny })).Message,
            StringComparison.Ordinal);
        ArgumentException e = Assert.Throws<ArgumentException>(
            static () => ToolRequest.Create(new ChatOptions { Tools = Tools, ToolMode = ChatToolMode.RequireSpecific("Time") }));
        Assert.Contains("'Time'", e.Message, StringComparison.Ordinal);
        Assert.Contains("weather, time, note", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_NoneWithTools_TellsOfThemAndForbidsCalls()
    {
        ToolRequest request = ToolRequest.Create(new ChatOptions { Tools = Tools, ToolMode = ChatToolMode.None });
        Assert.True(request.IsForbidden);
        Assert.Equal(ToolRequest.Create(new ChatOptions { Tools = Tools }).Tools, request.Tools);
    }
}
