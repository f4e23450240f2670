using KvNorm.Chat.Replies;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Replies;

public sealed class UnopenedThoughtTests
{
    [Fact]
    public void Settle_TextsBeforeTheEnd_AreTheThought()
    {
        List<ChatResponseUpdate> updates = [.. new AIContent[]
        {
            new TextContent("Hm"), new TextContent("."), UnopenedThought.End(), new TextContent("Yes."),
        }.Select(static content => new ChatResponseUpdate(ChatRole.Assistant, [content]))];
        UnopenedThought.Settle(updates);
        ChatMessage message = Assert.Single(updates.ToChatResponse().Messages);
        Assert.Equal("(Hm.)Yes.", Spoken.Line(message.Contents));
    }

    [Fact]
    public void Settle_NoEnd_ChangesNothing()
    {
        List<ChatResponseUpdate> updates = [new(ChatRole.Assistant, "Yes.\n\n")];
        UnopenedThought.Settle(updates);
        Assert.Equal("Yes.\n\n", updates.ToChatResponse().Text);
    }

    [Fact]
    public void End_Content_IsAParagraphAndCanBeTold()
    {
        Assert.Equal("\n\n", UnopenedThought.End().Text);
        Assert.True(UnopenedThought.IsEnd(UnopenedThought.End()));
        Assert.False(UnopenedThought.IsEnd(new TextContent("\n\n")));
    }
}
