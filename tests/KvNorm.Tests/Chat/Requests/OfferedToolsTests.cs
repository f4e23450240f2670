using KvNorm.Chat.Requests;
using KvNorm.Tests.Chat.Replies;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Requests;

public sealed class OfferedToolsTests
{
    [Fact]
    public void Functions_ToolOfAnotherKind_IsNamed()
    {
        NotSupportedException e = Assert.Throws<NotSupportedException>(
            static () => OfferedTools.Functions([Spoken.Tools[0], new HostedWebSearchTool()]));
        Assert.Contains("Tool 1", e.Message, StringComparison.Ordinal);
        Assert.Contains("HostedWebSearchTool", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_SameNameTwice_IsRefusedByName()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(
            static () => OfferedTools.Functions([Spoken.Tools[0], Spoken.Tools[1], Spoken.Tool("weather", "{}")]));
        Assert.Contains("Tool 2", e.Message, StringComparison.Ordinal);
        Assert.Contains("'weather'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_OddNames_AreTaken()
    {
        string name = new string('n', 200) + " ö-\"";
        Assert.Equal(name, Assert.Single(OfferedTools.Functions([Spoken.Tool(name, "{}")])).Name);
        Assert.Throws<ArgumentException>(static () => OfferedTools.Functions([null!]));
    }
}
