using KvNorm;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// A host with a local chat model whose KV cache never takes more than appsettings.json allows it, however long the conversation.

HostApplicationBuilder builder = Host.CreateApplicationBuilder(
    new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddKvNormChat(builder.Configuration.GetSection("KvNorm"));
using IHost host = builder.Build();
await host.StartAsync(); // says what is wrong with the settings, and loads the model in the background
IChatClient chat = host.Services.GetRequiredService<IChatClient>();

List<ChatMessage> history = [new(ChatRole.System, "You are a helpful AI assistant. Answer in one sentence.")];
Console.WriteLine("Say something; an empty line ends.");
while (Console.ReadLine() is { Length: > 0 } line)
{
    history.Add(new ChatMessage(ChatRole.User, line));
    List<ChatResponseUpdate> updates = [];
    await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync(history))
    {
        Console.Write(update.Text);
        updates.Add(update);
    }

    history.AddMessages(updates);
    KvCacheStatistics memory = chat.GetRequiredService<KvCacheStatistics>();
    Console.WriteLine(
        $"\n[{memory.UsedBytes >> 20} of {memory.AllocatedBytes >> 20} MiB, {memory.Evictions} evictions, "
        + $"{memory.LogicalTokens} tokens said]");
}

await host.StopAsync();
