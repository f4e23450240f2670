using System.Globalization;
using DesktopAssistant;
using KvNorm;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;

// An assistant that may run for weeks: tools from an MCP server, a history that only grows, and a KV cache that never takes more than 48
// MiB. Talks to the person at the keyboard, or with --turns N to itself.

const int BudgetMebibytes = 48;
int scripted = args is ["--turns", string count] ? int.Parse(count, CultureInfo.InvariantCulture) : 0;
await using ToolServer server = new(new DesktopTools());
await using McpClient mcp = await server.ConnectAsync();
using IChatClient chat = await KvNormChatClient.CreateAsync(
    new KvNormChatOptions { KvCacheBudget = KvCacheBudget.FromMebibytes(BudgetMebibytes) });
Assistant assistant = new(chat, [.. await mcp.ListToolsAsync()]);

if (scripted == 0)
    Console.WriteLine("Say something; an empty line ends.");
int turns = 0, peak = 0;
while (Next(turns) is var (text, mode))
{
    await assistant.AskAsync(text, mode);
    turns++;
    KvCacheStatistics memory = Memory();
    peak = Math.Max(peak, memory.Cells);
    Console.WriteLine(
        $"\n[{turns}: {memory.Cells} of {memory.Capacity} cells, {memory.UsedBytes >> 20} of {memory.AllocatedBytes >> 20} MiB, "
        + $"{memory.LogicalTokens} tokens said, {memory.Evictions} evictions]");
}

KvCacheStatistics end = Memory();
Console.WriteLine(
    $"{turns} turns, {assistant.ToolCalls} tool calls, {end.LogicalTokens} logical tokens, {end.Evictions} evictions, peak {peak} of "
    + $"{end.Capacity} cells, budget {BudgetMebibytes} MiB");

KvCacheStatistics Memory() => chat.GetRequiredService<KvCacheStatistics>();

(string Text, ChatToolMode Mode)? Next(int turn)
{
    if (scripted == 0)
        return Console.ReadLine() is { Length: > 0 } line ? (line, ChatToolMode.Auto) : null;
    if (turn == scripted)
        return null;
    (string Text, ChatToolMode Mode) next = Script.Turn(turn);
    Console.WriteLine($"> {next.Text}");
    return next;
}
