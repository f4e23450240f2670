using KvNorm;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;

IKernelBuilder builder = Kernel.CreateBuilder();
builder.AddKvNormChat(configure: options => options.KvCacheBudget = KvCacheBudget.FromCells(512));
Kernel kernel = builder.Build();
Console.WriteLine(await kernel.InvokePromptAsync("Say hello.", new KernelArguments(new PromptExecutionSettings
{
    ExtensionData = new Dictionary<string, object> { ["max_tokens"] = 8 },
})));
