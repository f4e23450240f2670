using KvNorm.Tests.Chat;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Acceptance.Tests.AgentFramework;

/// <summary>Several agents over one client, in the orchestrations of Microsoft Agent Framework.</summary>
[Collection(SharedModel.Name)]
public sealed class WorkflowTests(ChatClientFixture shared) : IDisposable
{
    private static readonly string[] Both = ["Anna", "Bert"];

    private readonly RequestLog _log = new(shared.Client);

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task Sequential_TwoAgents_AnswerOneAfterTheOther()
    {
        List<ChatMessage> said = await RunAsync(AgentWorkflowBuilder.BuildSequential(Pair()));
        Assert.Equal(Both, Authors(said), StringComparer.Ordinal);
        Assert.Contains(_log.Requests[1].Messages, message => message.Text == _log.Requests[0].Response.Text);
    }

    [Fact]
    public async Task Concurrent_TwoAgents_BothAnswerTheSame()
    {
        List<ChatMessage> said = await RunAsync(AgentWorkflowBuilder.BuildConcurrent(Pair()));
        Assert.Equal(Both, Authors(said).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.All(_log.Requests, request => Assert.Contains(request.Messages, message => message.Text == "Name a fruit."));
        Assert.All(said, message => Assert.NotEmpty(message.Text));
    }

    [Fact]
    public async Task Handoff_ForcedCall_LetsTheOtherAgentAnswer()
    {
        ChatOptions options = TestClient.Greedy(60);
        options.ToolMode = ChatToolMode.RequireAny;
        ChatClientAgent first = _log.AsAIAgent(new ChatClientAgentOptions { Name = "Anna", ChatOptions = options });
        ChatClientAgent second = Agents.Speaker(_log, "Bert");
        Workflow workflow = AgentWorkflowBuilder.CreateHandoffBuilderWith(first).WithHandoff(first, second, "Bert knows fruits.").Build();
        List<ChatMessage> said = await RunAsync(workflow);
        Assert.Equal(2, _log.Requests.Count);
        Assert.Equal(ChatFinishReason.ToolCalls, _log.Requests[0].Response.FinishReason);
        Assert.Equal("Bert", said[^1].AuthorName);
        Assert.Equal(_log.Requests[1].Response.Text, said[^1].Text);
    }

    [Fact]
    public async Task GroupChat_RoundRobin_LetsEachSpeakInTurn()
    {
        Workflow workflow = AgentWorkflowBuilder
            .CreateGroupChatBuilderWith(agents => new RoundRobinGroupChatManager(agents) { MaximumIterationCount = 4 })
            .AddParticipants(Pair())
            .Build();
        List<ChatMessage> said = await RunAsync(workflow);
        Assert.Equal(Both.Concat(Both), Authors(said), StringComparer.Ordinal);
        Assert.Equal(4, _log.Requests.Count);
    }

    private static IEnumerable<string> Authors(IEnumerable<ChatMessage> said) =>
        said.Where(message => message.Role == ChatRole.Assistant).Select(message => message.AuthorName ?? "nobody");

    private static async Task<List<ChatMessage>> RunAsync(Workflow workflow)
    {
        List<ChatMessage> said = [];
        List<ChatMessage> asked = [User("Name a fruit.")];
        await using StreamingRun run = await InProcessExecution.RunStreamingAsync(workflow, asked);
        Assert.True(await run.TrySendMessageAsync(new TurnToken(emitEvents: false)));
        await foreach (WorkflowEvent happened in run.WatchStreamAsync())
        {
            if (happened is WorkflowErrorEvent { Exception: { } failure })
                throw failure;
            if (happened is WorkflowOutputEvent output && output.Is(out List<ChatMessage>? messages))
                said = messages;
        }

        return said;
    }

    private AIAgent[] Pair() => [.. Both.Select(name => Agents.Speaker(_log, name))];
}
