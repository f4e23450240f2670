using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace KvNorm.Acceptance.Tests.SemanticKernel;

public sealed class PromptTests(KernelFixture fixture) : KernelTests(fixture)
{
    [Fact]
    public async Task InvokePrompt_Text_IsAnswered()
    {
        FunctionResult result = await Kernel().InvokePromptAsync("What is the sea?", new KernelArguments(Brief()));
        Assert.NotEmpty(result.GetValue<string>()!);
        Assert.Equal(AuthorRole.Assistant, result.GetValue<ChatMessageContent>()!.Role);
    }

    [Fact]
    public async Task InvokePromptStreaming_Text_ComesInMoreThanOnePieceAndIsTheSame()
    {
        Kernel kernel = Kernel();
        List<string> pieces = [];
        await foreach (StreamingKernelContent piece in kernel.InvokePromptStreamingAsync("What is the sea?", new KernelArguments(Brief())))
            pieces.Add(piece.ToString());
        Assert.True(pieces.Count(piece => piece.Length > 0) > 1);
        Assert.Equal(await kernel.InvokePromptAsync<string>("What is the sea?", new KernelArguments(Brief())), string.Concat(pieces));
    }

    [Fact]
    public async Task InvokePrompt_TemplateVariables_AreFilledIn()
    {
        FunctionResult result = await Kernel()
            .InvokePromptAsync("What is the {{$what}}?", new KernelArguments(Brief()) { ["what"] = "sea" });
        Assert.Equal("What is the sea?", result.RenderedPrompt);
        Assert.Equal(await Kernel().InvokePromptAsync<string>("What is the sea?", new KernelArguments(Brief())), result.GetValue<string>());
    }

    [Fact]
    public async Task InvokePrompt_TemplateWithAFunction_IsRunFirst()
    {
        Lamp lamp = new();
        FunctionResult result = await Kernel(lamp).InvokePromptAsync("{{lamp.look}} Is it on?", new KernelArguments(Brief()));
        Assert.Equal(("The lamp is off. Is it on?", 1), (result.RenderedPrompt, lamp.Looks));
    }

    [Fact]
    public async Task InvokePrompt_MessageRoles_AreTheMessagesOfTheConversation()
    {
        const string prompt = """
            <message role="system">Answer in one sentence.</message>
            <message role="user">My name is Anna.</message>
            <message role="assistant">Hello Anna.</message>
            <message role="user">What is the sea?</message>
            """;
        ChatHistory history = new("Answer in one sentence.");
        history.AddUserMessage("My name is Anna.");
        history.AddAssistantMessage("Hello Anna.");
        history.AddUserMessage("What is the sea?");
        Kernel kernel = Kernel();
        ChatMessageContent expected = await Service(kernel).GetChatMessageContentAsync(history, Brief(), kernel);
        Assert.Equal(expected.Content, await kernel.InvokePromptAsync<string>(prompt, new KernelArguments(Brief())));
    }

    [Fact]
    public async Task GetChatMessageContent_Answer_CarriesModelUsageAndFacts()
    {
        ChatMessageContent answer = await Service(Kernel()).GetChatMessageContentAsync(Question, Brief(5));
        Assert.Equal("SmolLM2-135M-Instruct.Q4_1", answer.ModelId);
        Assert.Equal(5, OutputTokens(answer));
    }

    [Fact]
    public async Task GetChatMessageContent_WithoutKernelOrSettings_IsAnswered() =>
        Assert.NotNull(await Service(Kernel()).GetChatMessageContentAsync(
            [new ChatMessageContent(AuthorRole.User, "Say hello.")],
            new PromptExecutionSettings
            {
                ExtensionData = new Dictionary<string, object>(StringComparer.Ordinal) { ["max_tokens"] = 3 },
            }));
}
