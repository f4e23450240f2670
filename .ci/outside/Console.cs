using KvNorm;
using Microsoft.Extensions.AI;

using KvNormChatClient client = await KvNormChatClient.CreateAsync(new KvNormChatOptions { KvCacheBudget = KvCacheBudget.FromCells(512) });
Console.WriteLine(await client.GetResponseAsync("Say hello.", new ChatOptions { MaxOutputTokens = 8 }));
