using KvNorm.Chat.Prompts;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class MessagePartTests
{
    [Fact]
    public void Add_Contents_AreKeptByTheirKind()
    {
        MessagePart part = new();
        FunctionCallContent first = new("1", "time"), second = new("2", "time");
        AIContent[] contents =
            [new TextReasoningContent("H"), new TextContent("a"), first, new TextReasoningContent("m."), new TextContent("b"), second];
        foreach (AIContent content in contents)
            part.Add(content, "assistant", 0);
        Assert.Equal(("ab", "Hm."), (part.Text, part.Reasoning));
        Assert.Equal([first, second], part.Calls);
    }

    [Fact]
    public void Add_Error_IsText()
    {
        MessagePart part = new();
        part.Add(new TextContent("Well. "), "assistant", 0);
        part.Add(new ErrorContent("no room"), "assistant", 0);
        Assert.Equal("Well. Error: no room", part.Text);
    }

    public static TheoryData<AIContent, bool> Emptiness => new()
    {
        { new TextContent(""), true },
        { new TextContent(null), true },
        { new TextReasoningContent(null), true },
        { new UsageContent(new UsageDetails { InputTokenCount = 5 }), true },
        { new TextContent(" "), false },
        { new TextReasoningContent("x"), false },
        { new ErrorContent("x"), false },
        { new FunctionCallContent("1", "time"), false },
    };

    [Theory]
    [MemberData(nameof(Emptiness))]
    public void IsEmpty_Content_IsSomethingToSay(AIContent content, bool expected)
    {
        MessagePart part = new();
        Assert.True(part.IsEmpty);
        part.Add(content, "assistant", 0);
        Assert.Equal(expected, part.IsEmpty);
    }

    [Theory]
    [InlineData("user")]
    [InlineData("system")]
    [InlineData("tool")]
    public void Add_CallOfAnother_IsRefused(string role)
    {
        MessagePart part = new();
        ArgumentException e = Assert.Throws<ArgumentException>(() => part.Add(new FunctionCallContent("1", "time"), role, 7));
        Assert.Contains("Message 7", e.Message, StringComparison.Ordinal);
        Assert.Contains($"'{role}'", e.Message, StringComparison.Ordinal);
        Assert.Contains("'time'", e.Message, StringComparison.Ordinal);
        Assert.True(part.IsEmpty);
    }

    [Fact]
    public void Add_ContentThatIsNoText_IsRefused()
    {
        NotSupportedException e = Assert.Throws<NotSupportedException>(() =>
            new MessagePart().Add(new DataContent(new byte[] { 1 }, "image/png"), "user", 3));
        Assert.Contains("Message 3", e.Message, StringComparison.Ordinal);
        Assert.Contains("image/png", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_TextAsData_IsTextOfItsOwn()
    {
        MessagePart part = new();
        part.Add(new TextContent("Look."), "user", 0);
        part.Add(new DataContent("a,b"u8.ToArray(), "text/csv"), "user", 0);
        Assert.Equal("Look.\na,b", part.Text);
    }
}
