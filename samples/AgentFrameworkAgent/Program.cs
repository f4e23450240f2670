using System.ComponentModel;
using KvNorm;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

// An agent of Microsoft Agent Framework with tools and a session, on a local model. The session resends its whole history with every run;
// what the KV cache still holds of it is not read again.

const int MaximumTokens = 64;

using KvNormChatClient client = KvNormChatClient.Create(new KvNormChatOptions { KvCacheBudget = KvCacheBudget.FromMebibytes(48) });
List<string> shopping = [];
AIAgent agent = client.AsAIAgent(
    instructions: "You keep a shopping list. Answer in one sentence.",
    name: "Shopper",
    tools:
    [
        AIFunctionFactory.Create(Add, "add_item"),
        AIFunctionFactory.Create(() => shopping, "list_items", "Lists what is to be bought."),
    ]);

AgentSession session = await agent.CreateSessionAsync();
Console.WriteLine("Say something; an empty line ends.");
while (Console.ReadLine() is { Length: > 0 } line)
{
    ChatClientAgentRunOptions options = new(new ChatOptions { MaxOutputTokens = MaximumTokens });
    await foreach (AgentResponseUpdate update in agent.RunStreamingAsync(line, session, options))
        Console.Write(update.Text);
    Console.WriteLine($"\n[{client.Statistics.Cells} of {client.Statistics.Capacity} cells, {shopping.Count} on the list]");
}

[Description("Puts something on the shopping list.")]
string Add([Description("What to buy.")] string item)
{
    shopping.Add(item);
    return $"{item} is on the list.";
}
