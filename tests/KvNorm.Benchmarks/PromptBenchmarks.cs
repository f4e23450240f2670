using BenchmarkDotNet.Attributes;
using KvNorm.Chat;
using KvNorm.Chat.Requests;
using Microsoft.Extensions.AI;

namespace KvNorm.Benchmarks;

/// <summary>Template and tokenisation of a conversation of 200 messages.</summary>
public class PromptBenchmarks
{
    private const int Messages = 200;
    private const string Sentence = " The river bends twice before it reaches the old stone bridge.";

    private readonly List<ChatMessage> _messages = [.. Enumerable.Range(0, Messages)
        .Select(static i => Message(i, string.Concat(Enumerable.Repeat(Sentence, 3))))];
    private KvNormChatClient _client = null!;
    private ChatModel _chat = null!;
    private int _number;

    [GlobalSetup]
    public void Setup()
    {
        _client = KvNormChatClient.Create();
        _chat = new ChatModel(_client.Model, template: null);
    }

    [GlobalCleanup]
    public void Cleanup() => _client.Dispose();

    /// <summary>Nothing is known.</summary>
    [Benchmark]
    public int Cold() => Encode(new ChatModel(_client.Model, template: null));

    /// <summary>The last message is new, as in every turn of a chat.</summary>
    [Benchmark]
    public int Warm() => Encode(_chat);

    private static ChatMessage Message(int index, string text) =>
        new(index % 2 == 0 ? ChatRole.User : ChatRole.Assistant, $"{index}.{text}");

    private int Encode(ChatModel chat)
    {
        _messages[^1] = Message(Messages, $"{_number++}. What did I say?");
        ChatRequest request = ChatRequest.Create(_messages, null, new KvNormChatOptions(), _client);
        return chat.Encode(request, CancellationToken.None).Prompt.Tokens.Length;
    }
}
