using KvNorm;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using SemanticKernelAgent;

// Semantic Kernel on a local model: AddKvNormChat registers the IChatClient and, since Semantic Kernel is present, its IChatCompletionService.
// The kernel runs the functions that the model calls.

IKernelBuilder builder = Kernel.CreateBuilder();
builder.Services.AddKvNormChat(options => options.KvCacheBudget = KvCacheBudget.FromMebibytes(48));
builder.Plugins.AddFromType<LightPlugin>("lights");
Kernel kernel = builder.Build();

IChatCompletionService chat = kernel.GetRequiredService<IChatCompletionService>();
PromptExecutionSettings settings = new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
ChatHistory history = new("You look after the lamps of a house. Answer in one sentence.");
Console.WriteLine("Say something; an empty line ends.");
while (Console.ReadLine() is { Length: > 0 } line)
{
    history.AddUserMessage(line);
    string answer = "";
    await foreach (StreamingChatMessageContent piece in chat.GetStreamingChatMessageContentsAsync(history, settings, kernel))
    {
        Console.Write(piece.Content);
        answer += piece.Content;
    }

    history.AddAssistantMessage(answer);
    Console.WriteLine();
}
