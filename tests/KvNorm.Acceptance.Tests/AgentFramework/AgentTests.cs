using System.Text.Json;
using KvNorm.Acceptance.Tests.ExtensionsAi;
using KvNorm.Tests.Chat;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests.AgentFramework;

/// <summary>One agent of Microsoft Agent Framework over the client.</summary>
[Collection(SharedModel.Name)]
public sealed class AgentTests(ChatClientFixture shared) : IDisposable
{
    private readonly RequestLog _log = new(shared.Client);
    private readonly Lamp _lamp = new();

    public enum Colour
    {
        Red,
        Green,
        Blue,
    }

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task RunAsync_TwoTurnsOfASession_ResendWhatTheCacheHolds()
    {
        ChatClientAgent agent = Agents.Speaker(_log);
        AgentSession session = await agent.CreateSessionAsync();
        AgentResponse first = await agent.RunAsync("Name a fruit.", session);
        await agent.RunAsync("And a river.", session);
        Assert.NotEmpty(first.Text);
        Assert.Equal(3, _log.Requests[1].Messages.Count(message => message.Role != ChatRole.System));
        Assert.True(_log.Requests[1].Usage.CachedInputTokenCount >= _log.Requests[0].Usage.InputTokenCount);
    }

    [Fact]
    public async Task RunAsync_ThreeTurns_HaveTheInstructionsOnceInThePrompt()
    {
        ChatClientAgent agent = Agents.Speaker(_log);
        AgentSession session = await agent.CreateSessionAsync();
        foreach (string text in new[] { "Name a fruit.", "And a river.", "And a metal." })
            await agent.RunAsync(text, session);
        string prompt = string.Concat(shared.Client.GetRetention().Select(token => token.Text));
        Assert.Contains("And a metal.", prompt, StringComparison.Ordinal);
        Assert.Equal(2, prompt.Split("Be brief.").Length);
    }

    [Fact]
    public async Task RunStreamingAsync_Text_ComesInMoreThanOnePieceAndIsThatOfRunAsync()
    {
        ChatClientAgent agent = Agents.Speaker(_log);
        List<string> pieces = [];
        await foreach (AgentResponseUpdate update in agent.RunStreamingAsync("Name a fruit."))
            pieces.Add(update.Text);
        Assert.True(pieces.Count(piece => piece.Length > 0) > 1);
        Assert.Equal((await agent.RunAsync("Name a fruit.")).Text, string.Concat(pieces));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_ToolOfTheAgent_IsRunByItsLoop(bool streaming)
    {
        ChatClientAgent agent = Agents.LampKeeper(_log, _lamp);
        AgentResponse response = streaming
            ? await agent.RunStreamingAsync("Switch on the lamp.").ToAgentResponseAsync()
            : await agent.RunAsync("Switch on the lamp.");
        Assert.Equal(1, _lamp.Runs);
        Assert.NotEmpty(response.Messages[^1].Text);
        Assert.Equal(_log.Requests.Sum(request => request.Usage.OutputTokenCount), response.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task RunAsync_ToolOfTheRun_IsRunByTheLoopOfTheApplication()
    {
        IChatClient client = _log.AsBuilder().UseOneRoundInvocation().Build();
        ChatClientAgent agent = client.AsAIAgent(new ChatClientAgentOptions { UseProvidedChatClientAsIs = true });
        await agent.RunAsync("Switch on the lamp.", options: new ChatClientAgentRunOptions(_lamp.Forced()));
        Assert.Equal(1, _lamp.Runs);
        Assert.Equal(2, _log.Requests.Count);
    }

    [Fact]
    public async Task RunAsync_OfAType_IsRead()
    {
        AgentResponse<Colour> response = await Agents.Speaker(_log, tokens: 24).RunAsync<Colour>("Name a colour.");
        Assert.True(Enum.IsDefined(response.Result));
    }

    [Fact]
    public async Task SerializeSessionAsync_ResumedInAnotherClient_GoesOn()
    {
        ChatClientAgent agent = Agents.LampKeeper(_log, _lamp);
        AgentSession session = await agent.CreateSessionAsync();
        await agent.RunAsync("Switch on the lamp.", session);
        JsonElement saved = JsonElement.Parse(JsonSerializer.Serialize(await agent.SerializeSessionAsync(session)));

        using KvNormChatClient other = TestClient.Embedded();
        using RequestLog log = new(other);
        ChatClientAgent resumed = Agents.Speaker(log);
        AgentResponse response = await resumed.RunAsync("Thanks.", await resumed.DeserializeSessionAsync(saved));
        Assert.Equal(4, response.Usage!.OutputTokenCount);
        ChatMessage[] sent = [.. Assert.Single(log.Requests).Messages];
        Assert.Contains(sent, message => message.Text == "Switch on the lamp.");
        Assert.Contains(sent, message => message.Contents.OfType<FunctionCallContent>().Any());
        Assert.Contains(sent, message => message.Contents.OfType<FunctionResultContent>().Any());
    }

    [Fact]
    public async Task RunAsync_SessionWithAConversationId_SendsOnlyWhatIsNew()
    {
        string id = Guid.NewGuid().ToString("N");
        ChatClientAgent agent = Agents.Speaker(_log);
        AgentSession session = await agent.CreateSessionAsync(id);
        await agent.RunAsync("Name a fruit.", session);
        AgentResponse second = await agent.RunAsync("And a river.", session);
        Assert.Equal("And a river.", Assert.Single(_log.Requests[1].Messages).Text);
        Assert.True(_log.Requests[1].Usage.InputTokenCount > _log.Requests[0].Usage.InputTokenCount);
        Assert.Equal(4, second.Usage!.OutputTokenCount);
        Assert.True(shared.Client.RemoveConversation(id));
    }

    [Fact]
    public async Task AsAIFunction_AgentAsATool_AnswersTheOther()
    {
        AIFunction ask = Agents.Speaker(_log, "Expert").AsAIFunction();
        ChatOptions options = TestClient.Greedy(60);
        (options.Tools, options.ToolMode) = ([ask], ChatToolMode.RequireSpecific(ask.Name));
        ChatClientAgent agent = _log.AsAIAgent(new ChatClientAgentOptions { ChatOptions = options });
        Agents.EndAfterOneRound(agent);
        AgentResponse response = await agent.RunAsync("Ask the expert for a fruit.");
        FunctionResultContent result = Assert.Single(response.Messages.Contents<FunctionResultContent>());
        Assert.Null(result.Exception);
        Assert.Equal(_log.Requests[1].Response.Text, result.Result?.ToString());
        Assert.Equal(3, _log.Requests.Count);
    }

    [Fact]
    public async Task UseOpenTelemetry_OneRun_IsOneChatActivityInsideOneOfTheAgent()
    {
        const string Source = "KvNorm.Acceptance.Tests.Agents";
        AIAgent agent = Agents.Speaker(_log).AsBuilder().UseOpenTelemetry(Source).Build();
        using ActivityRecorder recorder = new("KvNorm", Source);
        await agent.RunAsync("Name a fruit.");
        IEnumerable<object> operations = recorder.Stopped.Select(activity => activity.GetTagItem("gen_ai.operation.name")).OfType<object>();
        Assert.Equal("chat invoke_agent", string.Join(' ', operations));
    }

    [Fact]
    public async Task RunStreamingAsync_Cancelled_TheSessionGoesOn()
    {
        ChatClientAgent agent = Agents.Speaker(_log, tokens: 200);
        AgentSession session = await agent.CreateSessionAsync();
        using CancellationTokenSource source = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (AgentResponseUpdate _ in agent.RunStreamingAsync("Tell me about the sea.", session, null, source.Token))
                await source.CancelAsync();
        });
        AgentResponse next = await agent.RunAsync("Name a fruit.", session, new ChatClientAgentRunOptions(TestClient.Greedy(4)));
        Assert.Equal(4, next.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task RunAsync_HistoryReducer_KeepsThePromptShort()
    {
        InMemoryChatHistoryProviderOptions history = new() { ChatReducer = new MessageCountingChatReducer(2) };
        ChatClientAgent agent = _log.AsAIAgent(new ChatClientAgentOptions
        {
            ChatOptions = TestClient.Greedy(4),
            ChatHistoryProvider = new InMemoryChatHistoryProvider(history),
        });
        AgentSession session = await agent.CreateSessionAsync();
        foreach (string text in new[] { "Name a fruit.", "And a river.", "And a metal.", "And a song." })
            await agent.RunAsync(text, session);
        Assert.All(_log.Requests, request => Assert.InRange(request.Messages.Count, 1, 3));
        Assert.Equal(4, _log.Requests.Count);
    }
}
