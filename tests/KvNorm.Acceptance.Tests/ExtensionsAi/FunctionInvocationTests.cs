using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Acceptance.Tests.ExtensionsAi;

/// <summary>Functions called by the model and run by Microsoft's loop.</summary>
[Collection(SharedModel.Name)]
public sealed class FunctionInvocationTests : IDisposable
{
    private const string Horn = "sound_horn";

    private static readonly ChatMessage[] Order = [User("Switch on the lamp.")];

    private readonly RequestLog _log;
    private readonly IChatClient _client;
    private readonly Lamp _lamp = new();
    private int _honks;

    public FunctionInvocationTests(ChatClientFixture shared)
    {
        _log = new RequestLog(shared.Client);
        _client = _log.AsBuilder()
            .UseFunctionInvocation(configure: static loop => (loop.MaximumIterationsPerRequest, loop.AllowConcurrentInvocation) = (1, true))
            .Build();
    }

    public static TheoryData<AITool> HostedTools =>
        new(new HostedWebSearchTool(), new HostedCodeInterpreterTool(), new HostedFileSearchTool());

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task GetResponseAsync_RequireAny_RunsWhatIsCalled()
    {
        ChatResponse response = await _client.GetResponseAsync(Order, Both(ChatToolMode.RequireAny));
        Assert.Equal(1, _lamp.Runs + _honks);
        Assert.NotEmpty(response.Text);
    }

    [Fact]
    public async Task GetResponseAsync_RequireSpecific_RunsThatFunction()
    {
        await _client.GetResponseAsync(Order, Both(ChatToolMode.RequireSpecific(Horn)));
        Assert.Equal((0, 1), (_lamp.Runs, _honks));
    }

    [Fact]
    public async Task GetResponseAsync_SeveralCallsInOneAnswer_AreAllRunAndAnswered()
    {
        ChatOptions options = Both(ChatToolMode.RequireAny);
        options.AllowMultipleToolCalls = true;
        ChatMessage order = User("Sound the horn, then switch on the lamp, then sound the horn.");
        ChatResponse response = await _client.GetResponseAsync([order], options);

        string[] calls = [.. response.Messages.Contents<FunctionCallContent>().Select(call => call.CallId)];
        string[] results = [.. response.Messages.Contents<FunctionResultContent>().Select(result => result.CallId)];
        Assert.NotEmpty(calls);
        Assert.Equal(calls.Length, calls.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(calls.Order(StringComparer.Ordinal), results.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task GetResponseAsync_ResultOfTheFunction_IsInTheNextPrompt()
    {
        await _client.GetResponseAsync(Order, _lamp.Forced());
        Assert.Equal(2, _log.Requests.Count);
        Assert.Contains(_log.Requests[1].Messages, message => message.Role == ChatRole.Tool);
        Assert.True(_log.Requests[1].Usage.CachedInputTokenCount > 0);
    }

    [Fact]
    public async Task GetResponseAsync_AnswerAfterAResult_ShowsNoMarkOfOurs()
    {
        ChatResponse response = await _client.GetResponseAsync(Order, _lamp.Forced());
        Assert.DoesNotContain("<tool_", response.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("</tool_", response.Text, StringComparison.Ordinal);
    }

    // The answer ends at many places of the call in turn. The last ones may leave out no more than the mark that ends it.
    [Fact]
    public async Task GetResponseAsync_CallCutByMaxOutputTokens_RunsNothing()
    {
        await _client.GetResponseAsync(Order, _lamp.Forced());
        Assert.Equal(1, _lamp.Runs);
        int whole = 1;
        for (int tokens = (int)_log.Requests[0].Usage.OutputTokenCount!.Value - 1; tokens > 1; tokens -= 4)
        {
            ChatResponse cut = await _client.GetResponseAsync(Order, _lamp.Forced(tokens));
            IEnumerable<FunctionCallContent> calls = cut.Messages.Contents<FunctionCallContent>();
            if (calls.Any(call => call.Exception is null && call.Arguments?.ContainsKey("on") == true))
                whole++;
            else
                Assert.Equal(ChatFinishReason.Length, cut.FinishReason);
            Assert.Equal(whole, _lamp.Runs);
        }

        Assert.InRange(whole, 1, 4);
    }

    // A grammar that allows either a call or JSON lets a small model call for ever.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task GetResponseAsync_SchemaAndTools_EndsInTheJson(long seed)
    {
        ChatOptions options = new()
        {
            Temperature = 1,
            Seed = seed,
            MaxOutputTokens = 60,
            Tools = [_lamp.Function, AIFunctionFactory.Create(Honk, Horn, "Sounds the horn.")],
            ResponseFormat = ChatResponseFormat.ForJsonSchema<Report>(),
        };
        using RequestLog log = new(_log);
        using IChatClient loop = log.AsBuilder().UseFunctionInvocation().Build();
        ChatResponse response = await loop.GetResponseAsync(Order, options);
        Assert.InRange(log.Requests.Count, 1, 6); // the lamp on twice, off twice, the horn once, the answer
        Assert.Empty(log.Requests[^1].Response.Messages.Contents<FunctionCallContent>());
        Assert.StartsWith("{", response.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(HostedTools))]
    public async Task GetResponseAsync_HostedTool_IsRefusedByName(AITool tool)
    {
        ChatOptions options = new() { Tools = [tool] };
        NotSupportedException e = await Assert.ThrowsAsync<NotSupportedException>(() => _client.GetResponseAsync(Order, options));
        Assert.Contains(tool.GetType().Name, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetResponseAsync_FunctionThatNeedsApproval_RunsWhenItIsGiven(bool approved)
    {
        ChatOptions options = _lamp.Forced();
        options.Tools = [new ApprovalRequiredAIFunction(_lamp.Function)];
        ChatResponse asked = await _client.GetResponseAsync(Order, options);
        ToolApprovalRequestContent request = Assert.Single(asked.Messages.Contents<ToolApprovalRequestContent>());
        Assert.Equal(0, _lamp.Runs);

        options.ToolMode = ChatToolMode.None;
        ChatMessage decision = new(ChatRole.User, [request.CreateResponse(approved)]);
        ChatResponse answered = await _client.GetResponseAsync([.. Order, .. asked.Messages, decision], options);
        Assert.Equal(approved ? 1 : 0, _lamp.Runs);
        Assert.NotEmpty(answered.Messages[^1].Text);
    }

    private ChatOptions Both(ChatToolMode mode)
    {
        ChatOptions options = _lamp.Forced(80);
        (options.Tools, options.ToolMode) = ([_lamp.Function, AIFunctionFactory.Create(Honk, Horn, "Sounds the horn.")], mode);
        return options;
    }

    private string Honk()
    {
        Interlocked.Increment(ref _honks);
        return "It was loud.";
    }

    private sealed record Report(bool Done);
}
