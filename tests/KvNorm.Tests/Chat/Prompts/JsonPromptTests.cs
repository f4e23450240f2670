using System.Text.Json;
using KvNorm.Chat.Prompts;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class JsonPromptTests
{
    private static readonly ChatResponseFormatJson Wanted = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"type":"object"}"""));

    [Fact]
    public void Tell_SeveralUsers_StandsBehindTheLast()
    {
        ChatMessage[] messages = [User("one"), Assistant("two"), User("three"), Assistant("four")];
        IReadOnlyList<ChatMessage> told = JsonPrompt.Tell(messages, Wanted);
        Assert.Equal([messages[0], messages[1], messages[3]], [told[0], told[1], told[3]]);
        Assert.StartsWith("three\n\n", told[2].Text, StringComparison.Ordinal);
        Assert.EndsWith("""{"type":"object"}""", told[2].Text, StringComparison.Ordinal);
        Assert.Equal("three", messages[2].Text); // the caller's message is as it was
    }

    [Fact]
    public void Tell_NoSchema_WantsAnObject() =>
        Assert.Contains("JSON object", JsonPrompt.Tell([User("one")], ChatResponseFormat.Json)[0].Text, StringComparison.Ordinal);

    [Fact]
    public void Tell_NoUser_IsLeftAsItIs()
    {
        ChatMessage[] messages = [Instruct("one")];
        Assert.Equal(messages, JsonPrompt.Tell(messages, Wanted));
    }
}
