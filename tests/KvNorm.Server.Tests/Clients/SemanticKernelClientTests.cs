using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;

namespace KvNorm.Server.Tests.Clients;

/// <summary>Semantic Kernel's connector to OpenAI, with this server's address.</summary>
public sealed class SemanticKernelClientTests(ClientServer server) : IClassFixture<ClientServer>
{
    [Fact]
    public async Task GetChatMessageContent_WholeAndStreamed_SayTheSame()
    {
        OpenAIChatCompletionService chat = new(ClientServer.Model, server.Address, "none");
        OpenAIPromptExecutionSettings settings = new() { Temperature = 0, MaxTokens = 12 };
        ChatHistory history = new("Be brief.");
        history.AddUserMessage("hello");
        ChatMessageContent whole = await chat.GetChatMessageContentAsync(history, settings);
        string streamed = "";
        await foreach (StreamingChatMessageContent update in chat.GetStreamingChatMessageContentsAsync(history, settings))
            streamed += update.Content;
        Assert.NotEmpty(whole.Content!);
        Assert.Equal(whole.Content, streamed);
    }

    [Fact]
    public async Task InvokePrompt_KernelFunction_IsCalledWhereItIsRequired()
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddOpenAIChatCompletion(ClientServer.Model, server.Address, "none");
        Kernel kernel = builder.Build();
        int calls = 0;
        KernelFunction function = KernelFunctionFactory.CreateFromMethod(() => ++calls, "count");
        kernel.Plugins.AddFromFunctions("counter", [function]);
        OpenAIPromptExecutionSettings settings = new()
        {
            Temperature = 0, MaxTokens = 60, FunctionChoiceBehavior = FunctionChoiceBehavior.Required([kernel.Plugins["counter"]["count"]]),
        };
        FunctionResult result = await kernel.InvokePromptAsync("hello", new KernelArguments(settings));
        Assert.Equal(1, calls);
        Assert.NotNull(result);
    }
}
