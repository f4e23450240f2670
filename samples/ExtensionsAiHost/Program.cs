using ExtensionsAiHost;
using KvNorm;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A host whose chat client runs the functions that the model calls: what Microsoft.Extensions.AI puts around a client follows
// AddKvNormChat.

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.AddKvNormChat(options => options.KvCacheBudget = KvCacheBudget.FromMebibytes(48))
    .UseFunctionInvocation();
builder.Services.AddSingleton<Assistant>();
builder.Logging.SetMinimumLevel(LogLevel.Warning); // the console is the conversation's
using IHost host = builder.Build();
Assistant assistant = host.Services.GetRequiredService<Assistant>();

Console.WriteLine("Say something; an empty line ends.");
while (Console.ReadLine() is { Length: > 0 } line)
{
    await foreach (string piece in assistant.AskAsync(line))
        Console.Write(piece);
    Console.WriteLine();
}
