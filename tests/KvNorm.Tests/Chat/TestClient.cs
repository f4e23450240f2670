using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat;

/// <summary>Clients as tests use them: one thread, so that test classes running side by side do not fight for cores, and greedy.</summary>
internal static partial class TestClient
{
    public const string EmbeddedName = "SmolLM2-135M-Instruct.Q4_1";

    public static KvNormChatOptions Options(int cells) => new() { KvCacheBudget = KvCacheBudget.FromCells(cells), Threads = 1 };

    public static KvNormChatClient Embedded(int cells = 512) => KvNormChatClient.Create(Options(cells));

    public static ChatOptions Greedy(int tokens = 12) => new() { Temperature = 0, MaxOutputTokens = tokens };

    public static async Task<string> AnswerAsync(this IChatClient client, IEnumerable<ChatMessage> messages, int tokens = 12) =>
        (await client.GetResponseAsync(messages, Greedy(tokens))).Text;

    /// <summary>The answer of a client that has seen nothing else.</summary>
    public static async Task<string> FreshAnswerAsync(IEnumerable<ChatMessage> messages, int cells = 512, int tokens = 12)
    {
        using KvNormChatClient client = Embedded(cells);
        return await client.AnswerAsync(messages, tokens);
    }
}
