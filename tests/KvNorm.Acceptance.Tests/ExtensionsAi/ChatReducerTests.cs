using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Acceptance.Tests.ExtensionsAi;

/// <summary>Histories that something cuts before they reach the client.</summary>
[Collection(SharedModel.Name)]
public sealed class ChatReducerTests(ChatClientFixture shared)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task GetResponseAsync_MessageCountingReducerOverAHistoryWithCalls_IsAnswered(int target)
    {
        using RequestLog log = new(shared.Client);
        using IChatClient client = log.AsBuilder().UseChatReducer(new MessageCountingChatReducer(target)).Build();
        ChatResponse response = await client.GetResponseAsync(History(), Greedy(2));
        Assert.Equal(2, response.Usage!.OutputTokenCount);
        Assert.InRange(Assert.Single(log.Requests).Messages.Count, 1, target + 1);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task GetResponseAsync_LatestMessagesOfAHistoryWithCalls_AreAnswered(int count) =>
        Assert.Equal(2, (await shared.Client.GetResponseAsync([.. History().TakeLast(count)], Greedy(2))).Usage!.OutputTokenCount);

    [Theory]
    [InlineData(1, "3")]
    [InlineData(5, "1")]
    public async Task GetResponseAsync_ResultPartedFromItsCall_IsAnErrorThatNamesIt(int count, string callId)
    {
        ChatMessage[] latest = [.. History().TakeLast(count)];
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => shared.Client.GetResponseAsync(latest, Greedy(2)));
        Assert.Contains($"'{callId}'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponseAsync_SummarizingReducer_SummarisesByTheSameClient()
    {
        using RequestLog log = new(shared.Client);
        using IChatClient writer = log.AsBuilder()
            .ConfigureOptions(static options => (options.Temperature, options.MaxOutputTokens) = (0, 8))
            .Build();
        SummarizingChatReducer reducer = new(writer, targetCount: 2, threshold: 0);
        using IChatClient client = log.AsBuilder().UseChatReducer(reducer).Build();
        await client.GetResponseAsync(History(), Greedy(2));
        Assert.Equal(2, log.Requests.Count);
        Assert.Equal(2, log.Requests[1].Usage.OutputTokenCount);
        Assert.Contains(log.Requests[1].Messages, message => message.Text == log.Requests[0].Response.Text);
    }

    private static ChatMessage[] History() =>
    [
        Instruct("Be brief."),
        User("Hi."),
        Assistant("Hello."),
        User("Is the lamp on?"),
        new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", "is_on"), new FunctionCallContent("2", "is_warm")]),
        new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", true), new FunctionResultContent("2", false)]),
        Assistant("Yes."),
        User("Thanks. And now?"),
        new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("3", "is_on")]),
        new ChatMessage(ChatRole.Tool, [new FunctionResultContent("3", true)]),
    ];
}
