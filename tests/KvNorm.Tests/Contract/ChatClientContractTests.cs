using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Contract;

/// <summary>
/// What Microsoft.Extensions.AI, Semantic Kernel and Agent Framework expect of any <see cref="IChatClient"/>, one test for each sentence.
/// Prompts are short: below 64 tokens llama.cpp's numbers do not depend on how a prompt is cut into batches.
/// </summary>
public abstract partial class ChatClientContractTests(ChatClientProvider provider)
{
    private const int ShortAnswer = 8;

    private static readonly ChatMessage[] Question = [Instruct("Be brief."), User("Tell me about the sea.")];

    // Ends by itself within 40 tokens.
    private static readonly ChatMessage[] Greeting = [Instruct("You are a helpful AI assistant."), User("hello")];

    private IChatClient Client => provider.Shared;

    private static ChatOptions Greedy(int tokens = ShortAnswer) => TestClient.Greedy(tokens);

    private Task<List<ChatResponseUpdate>> StreamAsync(IEnumerable<ChatMessage> messages, ChatOptions options) =>
        Client.GetStreamingResponseAsync(messages, options).CollectAsync();

    private static void OneOf(string? value, params string[] allowed) => Assert.Contains(value, allowed, StringComparer.Ordinal);

    // The greedy answer to the question, asked for once: it is always the same.
    private Task<string> KnownAnswerAsync() => provider.OnceAsync(client => client.AnswerAsync(Question, ShortAnswer));

    private async Task RequireUnharmedAsync(string expected) => Assert.Equal(expected, await Client.AnswerAsync(Question, ShortAnswer));
}
