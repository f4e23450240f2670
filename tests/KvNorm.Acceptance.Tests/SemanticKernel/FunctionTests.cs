using KvNorm.SemanticKernel;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using FunctionCallContent = Microsoft.SemanticKernel.FunctionCallContent;
using FunctionResultContent = Microsoft.SemanticKernel.FunctionResultContent;

namespace KvNorm.Acceptance.Tests.SemanticKernel;

public sealed class FunctionTests(KernelFixture fixture) : KernelTests(fixture)
{
    private readonly Lamp _lamp = new();

    [Fact]
    public async Task Required_Any_RunsAFunctionAndAnswers()
    {
        ChatHistory history = Question;
        ChatMessageContent answer = await AskAsync(FunctionChoiceBehavior.Required(), history);
        Assert.Equal(AuthorRole.Assistant, answer.Role);
        Assert.Contains(history, message => message.Items.OfType<FunctionCallContent>().Any());
        Assert.Contains(history, message => message.Role == AuthorRole.Tool && message.Items.OfType<FunctionResultContent>().Any());
    }

    [Fact]
    public async Task Required_Specific_RunsThatFunction()
    {
        await AskAsync(Required("set"), Question);
        Assert.Equal((1, 0), (_lamp.Runs, _lamp.Looks));
    }

    [Fact]
    public async Task Required_WithoutInvocation_GivesTheCallWithItsArguments()
    {
        ChatMessageContent answer = await AskAsync(Required("set", autoInvoke: false), Question);
        FunctionCallContent call = Assert.Single(FunctionCallContent.GetFunctionCalls(answer));
        Assert.Equal(("lamp", "set", 0), (call.PluginName, call.FunctionName, _lamp.Runs));
        Assert.True(call.Arguments!.ContainsName("on"));
        FunctionResultContent result = await call.InvokeAsync(Kernel(_lamp));
        Assert.Equal((1, call.Id), (_lamp.Runs, result.CallId));
    }

    [Fact]
    public async Task Required_ResultAddedByHand_IsAnswered()
    {
        ChatHistory history = Question;
        ChatMessageContent call = await AskAsync(Required("look", autoInvoke: false), history);
        history.Add(call);
        history.Add((await FunctionCallContent.GetFunctionCalls(call).Single().InvokeAsync(Kernel(_lamp))).ToChatMessage());
        Assert.NotEmpty((await AskAsync(FunctionChoiceBehavior.None(), history)).Content!);
    }

    [Fact]
    public async Task Auto_Question_IsAnsweredAndTheModelKnowsTheFunctions()
    {
        ChatMessageContent with = await AskAsync(FunctionChoiceBehavior.Auto(), Question);
        ChatMessageContent without = await AskAsync(behavior: null, Question);
        Assert.True(Usage(with).InputTokenCount > Usage(without).InputTokenCount);
    }

    [Fact]
    public async Task Auto_WithoutInvocation_RunsNothing()
    {
        await AskAsync(FunctionChoiceBehavior.Auto(autoInvoke: false), Question);
        Assert.Equal((0, 0), (_lamp.Runs, _lamp.Looks));
    }

    [Fact]
    public async Task None_Question_IsAnsweredWithoutCalls()
    {
        ChatMessageContent answer = await AskAsync(FunctionChoiceBehavior.None(), Question);
        Assert.Empty(FunctionCallContent.GetFunctionCalls(answer));
        Assert.NotEmpty(answer.Content!);
    }

    [Fact]
    public async Task Required_FunctionThatFails_IsToldToTheModel()
    {
        ChatHistory history = Question;
        ChatMessageContent answer = await AskAsync(Required("break"), history);
        Assert.Equal(AuthorRole.Assistant, answer.Role);
        Assert.Contains(
            history,
            message => message.Items.OfType<FunctionResultContent>()
                .Any(result => $"{result.Result}".Contains("Error", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task Required_ParallelCallsNotAllowed_IsOne()
    {
        FunctionChoiceBehavior behavior = FunctionChoiceBehavior.Required(options: new() { AllowParallelCalls = false }, autoInvoke: false);
        Assert.Single(FunctionCallContent.GetFunctionCalls(await AskAsync(behavior, Question)));
    }

    [Fact]
    public async Task Streaming_CallsWithoutInvocation_AreBuiltByFunctionCallContentBuilder()
    {
        FunctionCallContentBuilder builder = new();
        await foreach (StreamingChatMessageContent piece in Stream(Required("set", autoInvoke: false), Question))
            builder.Append(piece);
        FunctionCallContent call = Assert.Single(builder.Build());
        Assert.Equal(("lamp", "set"), (call.PluginName, call.FunctionName));
        Assert.Null(call.Exception);
        Assert.True(call.Arguments!.ContainsName("on"));
    }

    [Fact]
    public async Task Streaming_CallsWithInvocation_RunAndAnswer()
    {
        string text = "";
        await foreach (StreamingChatMessageContent piece in Stream(Required("set"), Question))
            text += piece.Content;
        Assert.NotEmpty(text);
        Assert.Equal(1, _lamp.Runs);
    }

    [Fact]
    public async Task InvokePrompt_Required_RunsTheFunction()
    {
        KvNormPromptExecutionSettings settings = Brief(CallTokens);
        settings.FunctionChoiceBehavior = Required("set");
        Assert.NotNull(await Kernel(_lamp).InvokePromptAsync("Switch the lamp on.", new KernelArguments(settings)));
        Assert.Equal(1, _lamp.Runs);
    }

    private async Task<ChatMessageContent> AskAsync(FunctionChoiceBehavior? behavior, ChatHistory history)
    {
        Kernel kernel = Kernel(_lamp);
        return await Service(kernel).GetChatMessageContentAsync(history, Settings(behavior), kernel);
    }

    private IAsyncEnumerable<StreamingChatMessageContent> Stream(FunctionChoiceBehavior behavior, ChatHistory history)
    {
        Kernel kernel = Kernel(_lamp);
        return Service(kernel).GetStreamingChatMessageContentsAsync(history, Settings(behavior), kernel);
    }

    private FunctionChoiceBehavior Required(string function, bool autoInvoke = true) =>
        FunctionChoiceBehavior.Required([Kernel(_lamp).Plugins.GetFunction("lamp", function)], autoInvoke);

    private static KvNormPromptExecutionSettings Settings(FunctionChoiceBehavior? behavior)
    {
        KvNormPromptExecutionSettings settings = Brief(CallTokens);
        settings.FunctionChoiceBehavior = behavior;
        settings.StopSequences = ["."]; // of the text after a call, one sentence will do
        return settings;
    }
}
