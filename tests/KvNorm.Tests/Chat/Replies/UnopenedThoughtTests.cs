using KvNorm.Chat.Replies;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Replies;

public sealed class UnopenedThoughtTests
{
    [Fact]
    public void ToResponse_TextsBeforeTheEnd_AreTheThoughtAndUpdatesStayAsTheyWere()
    {
        List<ChatResponseUpdate> updates = [.. new AIContent[]
        {
            new TextContent("Hm"), new TextContent("."), UnopenedThought.End(), new TextContent("Yes."),
        }.Select(static content => new ChatResponseUpdate(ChatRole.Assistant, [content]))];
        ChatMessage message = Assert.Single(UnopenedThought.ToResponse(updates).Messages);
        Assert.Equal("(Hm.)Yes.", Spoken.Line(message.Contents));
        Assert.Equal("Hm.\n\nYes.", updates.ToChatResponse().Text); // they were handed out
    }

    [Fact]
    public void ToResponse_NoEnd_ChangesNothing()
    {
        List<ChatResponseUpdate> updates = [new(ChatRole.Assistant, "Yes.\n\n")];
        Assert.Equal("Yes.\n\n", UnopenedThought.ToResponse(updates).Text);
    }

    [Fact]
    public void End_Content_IsAParagraphAndCanBeTold()
    {
        Assert.Equal("\n\n", UnopenedThought.End().Text);
        Assert.True(UnopenedThought.IsEnd(UnopenedThought.End()));
        Assert.False(UnopenedThought.IsEnd(new TextContent("\n\n")));
    }
}
