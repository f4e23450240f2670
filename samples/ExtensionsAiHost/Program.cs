using ExtensionsAiHost;
using KvNorm;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// A generic host that only knows Microsoft.Extensions.AI.Abstractions: the client is injected, answers are streamed, and the functions that the model
// calls are run by a loop written here.

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.AddKvNormChat(options => options.KvCacheBudget = KvCacheBudget.FromMebibytes(48));
builder.Services.AddSingleton<Assistant>();
using IHost host = builder.Build();
Assistant assistant = host.Services.GetRequiredService<Assistant>();

Console.WriteLine("Say something; an empty line ends.");
while (Console.ReadLine() is { Length: > 0 } line)
{
    await foreach (string piece in assistant.AskAsync(line))
        Console.Write(piece);
    Console.WriteLine();
}
