using KvNorm.Chat.Requests;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Requests;

/// <summary>What a request takes of its messages.</summary>
public sealed class ChatRequestTests
{
    [Fact]
    public void Create_Messages_AreTakenAsTheyAreNow()
    {
        List<ChatMessage> messages = [User("Hi")];
        ChatRequest request = Create(messages, new ChatOptions { Instructions = "Be brief." });
        messages.Clear();
        Assert.Equal("Hi", Assert.Single(request.Messages).Text);
        Assert.Equal("Be brief.", request.Instructions);
    }

    [Fact]
    public void Create_NoMessages_IsAnArgumentError()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => Create([]));
        Assert.Equal("messages", e.ParamName);
    }

    [Fact]
    public void Create_InstructionsAlone_AreEnough() =>
        Assert.Equal("Greet the user.", Create([], new ChatOptions { Instructions = "Greet the user." }).Instructions);

    [Fact]
    public void Create_NullMessage_IsAnArgumentError()
    {
        ArgumentException e = Assert.ThrowsAny<ArgumentException>(() => Create([User("Hi"), null!]));
        Assert.Contains("Message 1", e.Message, StringComparison.Ordinal);
        Assert.Equal("messages", e.ParamName);
    }

    internal static ChatRequest Create(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, KvNormChatOptions? defaults = null, IChatClient? client = null) =>
        ChatRequest.Create(messages, options, defaults ?? new KvNormChatOptions(), client ?? new SilentChatClient());
}
