using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Acceptance.Tests.ExtensionsAi;

/// <summary>Conversations that the client keeps, so that callers send what is new.</summary>
[Collection(SharedModel.Name)]
public sealed class ConversationIdTests : IDisposable
{
    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly KvNormChatClient _inner;
    private readonly RequestLog _log;
    private readonly IChatClient _client;
    private readonly Lamp _lamp = new();

    public ConversationIdTests(ChatClientFixture shared)
    {
        _inner = shared.Client;
        _log = new RequestLog(_inner);
        _client = _log.AsBuilder().UseOneRoundInvocation().Build();
    }

    public void Dispose()
    {
        _inner.RemoveConversation(_id);
        _client.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetResponseAsync_SecondTurn_ReadsOnlyWhatIsNew(bool streaming)
    {
        ChatResponse first = await AskAsync(streaming, "Name a fruit.", Named(12));
        ChatResponse second = await AskAsync(streaming, "And a river.", Named(4));
        Assert.Equal(_id, first.ConversationId);
        Assert.Equal(_id, second.ConversationId);
        long said = first.Usage!.InputTokenCount!.Value + first.Usage.OutputTokenCount!.Value;
        Assert.True(second.Usage!.InputTokenCount > said);
        Assert.InRange(second.Usage.CachedInputTokenCount!.Value, first.Usage.InputTokenCount!.Value, said);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetResponseAsync_FunctionInvoked_SendsTheResultAlone(bool streaming)
    {
        await AskAsync(streaming, "Switch on the lamp.", NamedCall());
        Assert.Equal(1, _lamp.Runs);
        Assert.Equal(2, _log.Requests.Count);
        Assert.Equal(ChatRole.Tool, Assert.Single(_log.Requests[1].Messages).Role);
        Assert.True(_log.Requests[1].Usage.InputTokenCount > _log.Requests[1].Messages.Count);

        await AskAsync(streaming, "Thanks.", Named(4));
        Assert.Single(_log.Requests[2].Messages);
        Assert.True(_log.Requests[2].Usage.InputTokenCount > _log.Requests[1].Usage.OutputTokenCount);
        Assert.Equal(_id, _log.Requests[2].Response.ConversationId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetResponseAsync_CancelledInsideATool_TheConversationGoesOn(bool streaming)
    {
        using CancellationTokenSource source = new();
        ChatOptions options = NamedCall();
        options.Tools = [AIFunctionFactory.Create(Cancel, Lamp.FunctionName, "Switches the lamp.")];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AskAsync(streaming, "Switch on the lamp.", options, source.Token));

        ChatResponse next = await AskAsync(streaming, "Never mind. Name a fruit.", Named(4));
        Assert.Equal(4, next.Usage!.OutputTokenCount);

        async Task Cancel()
        {
            await source.CancelAsync();
            source.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task<ChatResponse> AskAsync(
        bool streaming, string text, ChatOptions options, CancellationToken cancellationToken = default) => streaming
        ? (await _client.GetStreamingResponseAsync([User(text)], options, cancellationToken).CollectAsync()).ToChatResponse()
        : await _client.GetResponseAsync([User(text)], options, cancellationToken);

    private ChatOptions Named(int tokens)
    {
        ChatOptions options = TestClient.Greedy(tokens);
        options.ConversationId = _id;
        return options;
    }

    private ChatOptions NamedCall()
    {
        ChatOptions options = _lamp.Forced();
        options.ConversationId = _id;
        return options;
    }
}
