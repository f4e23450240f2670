using System.Text.Json;
using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Contract;

/// <content>Calls of functions.</content>
public abstract partial class ChatClientContractTests
{
    private const int CallTokens = 80;

    private static readonly ChatMessage[] Sum = [User("Use add: what is 2 plus 3?")];

    [Fact]
    public async Task GetResponseAsync_ToolsWithModeNone_CallsNothing()
    {
        ChatResponse response = await Client.GetResponseAsync(Sum, With(ChatToolMode.None, ContractTools.Add, ContractTools.Weather));
        Assert.Empty(Calls(response));
        Assert.NotEmpty(response.Text);
        Assert.NotEqual(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Fact]
    public async Task GetResponseAsync_RequireAny_CallsOneOfTheTools()
    {
        ChatResponse response = await Client.GetResponseAsync(Sum, With(ChatToolMode.RequireAny, ContractTools.Weather, ContractTools.Add));
        Assert.NotEmpty(Calls(response));
        Assert.All(Calls(response), call => OneOf(call.Name, "add", "get_weather"));
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Theory]
    [InlineData("add")]
    [InlineData("get_weather")]
    public async Task GetResponseAsync_RequireSpecific_CallsThatTool(string name)
    {
        ChatResponse response = await Client.GetResponseAsync(
            Sum, With(ChatToolMode.RequireSpecific(name), ContractTools.Weather, ContractTools.Add));
        Assert.NotEmpty(Calls(response));
        Assert.All(Calls(response), call => Assert.Equal(name, call.Name));
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Fact]
    public async Task GetResponseAsync_Call_HasArgumentsTheFunctionTakes()
    {
        FunctionCallContent call = Calls(await Client.GetResponseAsync(Sum, OneSum()))[0];
        Assert.Null(call.Exception);
        Assert.Equal("a b", string.Join(' ', call.Arguments!.Keys.Order(StringComparer.Ordinal)));
        object? sum = await ContractTools.Add.InvokeAsync(new AIFunctionArguments(call.Arguments, StringComparer.Ordinal));
        Assert.Equal(JsonValueKind.Number, Assert.IsType<JsonElement>(sum).ValueKind);
    }

    [Fact]
    public async Task GetResponseAsync_CallsOfTwoAnswers_HaveIdsOfTheirOwn()
    {
        FunctionCallContent one = Calls(await Client.GetResponseAsync(Sum, OneSum()))[0],
            two = Calls(await Client.GetResponseAsync(Sum, OneSum()))[0];
        Assert.False(string.IsNullOrEmpty(one.CallId));
        Assert.NotEqual(one.CallId, two.CallId, StringComparer.Ordinal);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_Call_ComesWholeAndSaysWhoseItIs()
    {
        List<ChatResponseUpdate> updates = await StreamAsync(Sum, OneSum());
        Assert.Single(updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>());
        Assert.Single(updates.SelectMany(update => update.Contents).OfType<UsageContent>());
        Assert.Equal(ChatFinishReason.ToolCalls, updates[^1].FinishReason);
        Assert.All(
            updates,
            update => Assert.Equal(
                (ChatRole.Assistant, updates[0].ResponseId, updates[0].MessageId),
                (update.Role!.Value, update.ResponseId, update.MessageId)));
        Assert.True(string.IsNullOrWhiteSpace(updates.Text()), $"'{updates.Text()}' leaked");
    }

    [Fact]
    public async Task GetResponseAsync_NoMultipleCalls_GivesOne()
    {
        ChatOptions options = With(ChatToolMode.RequireAny, ContractTools.Add, ContractTools.Weather);
        options.AllowMultipleToolCalls = false;
        Assert.Single(Calls(await Client.GetResponseAsync([User("Use add for 2 and 3, and get_weather for Rome.")], options)));
    }

    [Fact]
    public async Task GetResponseAsync_ResultOfTheCall_IsReadAndTheConversationGoesOn()
    {
        ChatResponse asked = await Client.GetResponseAsync(Sum, OneSum());
        FunctionCallContent call = Assert.Single(Calls(asked));
        ChatMessage result = new(ChatRole.Tool, [new FunctionResultContent(call.CallId, 5)]);
        ChatResponse answered = await Client.GetResponseAsync(
            [.. Sum, .. asked.Messages, result], With(ChatToolMode.None, ContractTools.Add));
        Assert.NotEmpty(answered.Text);
        Assert.Empty(Calls(answered));

        ChatResponse next = await Client.GetResponseAsync(
            [.. Sum, .. asked.Messages, result, .. answered.Messages, User("Thanks.")], With(ChatToolMode.None, ContractTools.Add));
        Assert.NotEmpty(next.Text);
        Assert.True(next.Usage!.CachedInputTokenCount >= answered.Usage!.InputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_ResultsOfAnyForm_AreRead()
    {
        ChatMessage calls = new(ChatRole.Assistant, [Call("1"), Call("2"), Call("3"), Call("4")]);
        ChatMessage results = new(ChatRole.Tool,
        [
            new FunctionResultContent("2", JsonSerializer.SerializeToElement(new { sum = 5 })),
            new FunctionResultContent("1", "five"),
            new FunctionResultContent("4", result: null),
            new FunctionResultContent("3", result: null) { Exception = new InvalidOperationException("The adder is broken.") },
        ]);
        ChatResponse response = await Client.GetResponseAsync([.. Sum, calls, results], With(ChatToolMode.None, ContractTools.Add));
        Assert.NotEmpty(response.Text);

        static FunctionCallContent Call(string id) => new(
            id, "add", new Dictionary<string, object?>(StringComparer.Ordinal) { ["a"] = 2, ["b"] = JsonSerializer.SerializeToElement(3) });
    }

    [Theory]
    [InlineData("Use add: what is 2 plus 3?")]
    [InlineData("hello")]
    public async Task GetStreamingResponseAsync_Auto_NeverLeaksMarkers(string text)
    {
        List<ChatResponseUpdate> updates = await StreamAsync(
            [User(text)], With(ChatToolMode.Auto, ContractTools.Add, ContractTools.Weather));
        ChatResponse response = updates.ToChatResponse();
        Assert.All(provider.Markers, marker => Assert.DoesNotContain(marker, updates.Text(), StringComparison.Ordinal));
        Assert.Equal(Calls(response).Count > 0, response.FinishReason == ChatFinishReason.ToolCalls);
        Assert.True(Calls(response).Count > 0 || response.Text.Length > 0);
    }

    [Fact]
    public async Task GetResponseAsync_ManyToolsOfSemanticKernel_AreTaken()
    {
        ChatOptions options = Greedy(CallTokens);
        options.Tools = [.. ContractTools.OfSemanticKernel(provider.ManyTools)];
        options.ToolMode = ChatToolMode.RequireSpecific("plugin_tool2");
        FunctionCallContent call = Calls(await Client.GetResponseAsync([User("Go.")], options))[0];
        Assert.Equal("plugin_tool2", call.Name);
        JsonElement arguments = JsonSerializer.SerializeToElement(call.Arguments);
        OneOf(arguments.GetProperty("on").GetRawText(), "true", "false");
        OneOf(arguments.GetProperty("mode").GetString(), "slow", "fast");
    }

    private static ChatOptions OneSum()
    {
        ChatOptions options = With(ChatToolMode.RequireSpecific("add"), ContractTools.Add);
        options.AllowMultipleToolCalls = false;
        return options;
    }

    // Declarations, so that a client around this one that invokes functions hands the tool calls on.
    private static ChatOptions With(ChatToolMode mode, params AIFunction[] tools) => new()
    {
        Temperature = 0,
        MaxOutputTokens = mode is NoneChatToolMode ? ShortAnswer : CallTokens,
        Tools = [.. tools.Select(tool => tool.AsDeclarationOnly())],
        ToolMode = mode,
    };

    private static List<FunctionCallContent> Calls(ChatResponse response) =>
        [.. response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];
}
