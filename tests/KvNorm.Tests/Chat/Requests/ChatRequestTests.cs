using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Requests;

/// <summary>What the messages of a call become.</summary>
public sealed class ChatRequestTests
{
    public static TheoryData<AIContent, string> ForeignContents => new()
    {
        { new DataContent(new byte[] { 1, 2, 3 }, "image/png"), "image/png" },
        { new DataContent(new byte[] { 1, 2, 3 }, "audio/wav"), "audio/wav" },
        { new UriContent("https://example.org/cat.jpg", "image/jpeg"), "image/jpeg" },
    };

    [Fact]
    public void Create_Instructions_ComeFirstAsSystem()
    {
        ChatRequest request = Create([Instruct("Second."), User("Hi")], new ChatOptions { Instructions = "First." });
        Assert.Equal("system: First.\n\nSecond. | user: Hi", Turns(request));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Create_NoInstructions_AddsNothing(string? instructions)
    {
        ChatRequest request = Create([User("Hi")], new ChatOptions { Instructions = instructions });
        Assert.Equal("user: Hi", Turns(request));
    }

    [Fact]
    public void Create_EveryRole_IsNamedAsTheTemplateDoes()
    {
        ChatRequest request = Create([Instruct("s"), new ChatMessage(new ChatRole("developer"), "d"), User("u"), Assistant("a"), new ChatMessage(new ChatRole("USER"), "U")]);
        Assert.Equal("system user assistant user", string.Join(' ', request.Messages.Select(message => message["role"])));
    }

    [Fact]
    public void Create_OtherRole_IsNamed()
    {
        NotSupportedException e = Assert.Throws<NotSupportedException>(() => Create([new ChatMessage(new ChatRole("narrator"), "text")]));
        Assert.Contains("'narrator'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ForeignContents))]
    public void Create_OtherContent_IsNamed(AIContent content, string name)
    {
        NotSupportedException e = Assert.Throws<NotSupportedException>(() => Create([new ChatMessage(ChatRole.User, [new TextContent("See:"), content])]));
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_SeveralTexts_AreOneTurn()
    {
        ChatRequest request = Create([new ChatMessage(ChatRole.User, [new TextContent("one "), new TextContent("two")])]);
        Assert.Equal("user: one two", Turns(request));
    }

    [Fact]
    public void Create_EmptyContents_AreAnEmptyTurn()
    {
        ChatRequest request = Create([new ChatMessage(ChatRole.User, new List<AIContent>()), new ChatMessage(ChatRole.User, (string?)null), new ChatMessage(ChatRole.User, [new TextContent(null)])]);
        Assert.Equal("user:  | user:  | user: ", Turns(request));
    }

    [Fact]
    public void Create_ReasoningOfEarlierAnswers_IsNoTextOfTheirs()
    {
        ChatMessage answer = new(ChatRole.Assistant, [new TextReasoningContent("Let me think."), new TextContent("Four."), new UsageContent(new UsageDetails { OutputTokenCount = 3 })]);
        ChatRequest request = Create([User("2 + 2?"), answer, User("Sure?")]);
        Assert.Equal("Four.", request.Messages[1]["content"]);
        Assert.Equal("Let me think.", request.Messages[1]["reasoning_content"]); // the template decides what becomes of it
    }

    [Fact]
    public void Create_NoMessages_IsAnArgumentError()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => Create([]));
        Assert.Equal("messages", e.ParamName);
    }

    [Fact]
    public void Create_InstructionsAlone_AreEnough() =>
        Assert.Single(Create([], new ChatOptions { Instructions = "Greet the user." }).Messages);

    [Fact]
    public void Create_NullMessage_IsAnArgumentError()
    {
        ArgumentException e = Assert.ThrowsAny<ArgumentException>(() => Create([User("Hi"), null!]));
        Assert.Equal("messages", e.ParamName);
    }

    internal static ChatRequest Create(IEnumerable<ChatMessage> messages, ChatOptions? options = null, KvNormChatOptions? defaults = null, IChatClient? client = null) =>
        ChatRequest.Create(messages, options, defaults ?? new KvNormChatOptions(), client ?? new SilentChatClient(), new AnswerFormat(TinyModelSettings.ChatMl, []));

    private static string Turns(ChatRequest request) => string.Join(" | ", request.Messages.Select(message => $"{message["role"]}: {message["content"]}"));
}
