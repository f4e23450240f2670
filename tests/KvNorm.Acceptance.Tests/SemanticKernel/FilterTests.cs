using KvNorm.SemanticKernel;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace KvNorm.Acceptance.Tests.SemanticKernel;

public sealed class FilterTests(KernelFixture fixture) : KernelTests(fixture)
{
    private readonly Lamp _lamp = new();

    [Fact]
    public async Task FunctionInvocationFilter_Call_PassesThrough()
    {
        Kernel kernel = Kernel(_lamp);
        Recorder recorder = new(terminate: false);
        kernel.FunctionInvocationFilters.Add(recorder);
        await AskAsync(kernel);
        Assert.Equal(["set"], recorder.Functions);
        Assert.Equal(1, _lamp.Runs);
    }

    [Fact]
    public async Task AutoFunctionInvocationFilter_Call_PassesThroughWithHistoryAndResult()
    {
        Kernel kernel = Kernel(_lamp);
        Recorder recorder = new(terminate: false);
        kernel.AutoFunctionInvocationFilters.Add(recorder);
        ChatMessageContent answer = await AskAsync(kernel);
        Assert.Equal(["set after 3 messages"], recorder.Functions);
        Assert.Equal((AuthorRole.Assistant, 1), (answer.Role, _lamp.Runs));
    }

    [Fact]
    public async Task AutoFunctionInvocationFilter_Terminate_EndsWithTheFunctionsResult()
    {
        Kernel kernel = Kernel(_lamp);
        kernel.AutoFunctionInvocationFilters.Add(new Recorder(terminate: true));
        ChatMessageContent answer = await AskAsync(kernel);
        Assert.Equal(AuthorRole.Tool, answer.Role);
        Assert.Contains("The lamp is", $"{answer.Items.OfType<FunctionResultContent>().Single().Result}", StringComparison.Ordinal);
        Assert.Equal(1, _lamp.Runs);
    }

    [Fact]
    public async Task AutoFunctionInvocationFilter_TerminateWhileStreaming_EndsTheStream()
    {
        Kernel kernel = Kernel(_lamp);
        kernel.AutoFunctionInvocationFilters.Add(new Recorder(terminate: true));
        string text = "";
        IAsyncEnumerable<StreamingChatMessageContent> pieces = Service(kernel)
            .GetStreamingChatMessageContentsAsync(Question, Forced(kernel), kernel);
        await foreach (StreamingChatMessageContent piece in pieces)
            text += piece.Content;
        Assert.Empty(text);
        Assert.Equal(1, _lamp.Runs);
    }

    [Fact]
    public async Task PromptRenderFilter_ChangedPrompt_IsWhatTheModelIsAsked()
    {
        Kernel kernel = Kernel();
        kernel.PromptRenderFilters.Add(new Replacement("What is the sea?"));
        FunctionResult changed = await kernel.InvokePromptAsync("What is a lamp?", new KernelArguments(Brief()));
        Assert.Equal("What is the sea?", changed.RenderedPrompt);
        Assert.Equal(
            await Kernel().InvokePromptAsync<string>("What is the sea?", new KernelArguments(Brief())), changed.GetValue<string>());
    }

    private static async Task<ChatMessageContent> AskAsync(Kernel kernel) =>
        await Service(kernel).GetChatMessageContentAsync(Question, Forced(kernel), kernel);

    private static KvNormPromptExecutionSettings Forced(Kernel kernel)
    {
        KvNormPromptExecutionSettings settings = Brief(CallTokens);
        settings.FunctionChoiceBehavior = FunctionChoiceBehavior.Required([kernel.Plugins.GetFunction("lamp", "set")]);
        return settings;
    }

    private sealed class Recorder(bool terminate) : IFunctionInvocationFilter, IAutoFunctionInvocationFilter
    {
        public List<string> Functions { get; } = [];

        public async Task OnFunctionInvocationAsync(
            Microsoft.SemanticKernel.FunctionInvocationContext context, Func<Microsoft.SemanticKernel.FunctionInvocationContext, Task> next)
        {
            Functions.Add(context.Function.Name);
            await next(context);
        }

        public async Task OnAutoFunctionInvocationAsync(
            AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next)
        {
            Functions.Add($"{context.Function.Name} after {context.ChatHistory.Count} messages");
            await next(context);
            context.Terminate = terminate;
        }
    }

    private sealed class Replacement(string prompt) : IPromptRenderFilter
    {
        public async Task OnPromptRenderAsync(PromptRenderContext context, Func<PromptRenderContext, Task> next)
        {
            await next(context);
            context.RenderedPrompt = prompt;
        }
    }
}
