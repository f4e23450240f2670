using KvNorm;
using KvNorm.SemanticKernel;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using SemanticKernelAgent;

// Semantic Kernel on a local model. The kernel runs the functions that the model calls; what was called and found stays in the history.

const int MaximumTokens = 64;

IKernelBuilder builder = Kernel.CreateBuilder();
builder.AddKvNormChat(options => options.KvCacheBudget = KvCacheBudget.FromMebibytes(48));
builder.Plugins.AddFromType<LightPlugin>("lights");
Kernel kernel = builder.Build();
using IDisposable services = (IDisposable)kernel.Services;

IChatCompletionService chat = kernel.GetRequiredService<IChatCompletionService>();
KvNormPromptExecutionSettings settings = new() { MaxTokens = MaximumTokens, FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
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
