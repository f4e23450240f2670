using BenchmarkDotNet.Attributes;
using KvNorm.Chat;
using KvNorm.Chat.Requests;
using KvNorm.KvCache.Slots;
using Microsoft.Extensions.AI;

namespace KvNorm.Benchmarks;

/// <summary>
/// What the arrival of a request costs, on the caller's side (<see cref="Prepare"/>) and on the decode thread (<see cref="Begin"/>), beside
/// what one token of an answer in progress costs there (<see cref="Token"/>).
/// </summary>
public class ArrivalBenchmarks
{
    private const int Sentences = 250; // about 3,000 tokens
    private const string Sentence = " The river bends twice before it reaches the old stone bridge.";

    private KvNormChatClient _client = null!;
    private ChatModel _chat = null!;
    private PreparedRequest _prepared = null!;
    private int _number;

    private SlotPool Pool => _client.Cache;

    [GlobalSetup]
    public void Setup()
    {
        _client = KvNormChatClient.Create(new KvNormChatOptions { KvCacheBudget = KvCacheBudget.FromCells(8192), Slots = 2, Threads = 1 });
        _chat = new ChatModel(_client.Model, template: null);
        _prepared = PrepareNext();
        Pool.Slots[0].Prefill([1, 2, 3], logits: true);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _prepared.Dispose();
        _client.Dispose();
    }

    [Benchmark]
    public void Prepare() => PrepareNext().Dispose();

    [Benchmark]
    public int Begin()
    {
        Slot slot = Pool.Take(_prepared.Prompt.Tokens);
        Answer answer = new(new AnswerStream(_prepared, null, CancellationToken.None), slot);
        Pool.Release(slot);
        return answer.Slot.Conversation.Tokens.Length;
    }

    [Benchmark]
    public void Token()
    {
        Slot slot = Pool.Slots[0];
        if (slot.Conversation.Tokens.Length > 500)
            slot.Resume([1, 2, 3, 4]);
        slot.Prefill([5], logits: true);
    }

    private PreparedRequest PrepareNext()
    {
        // another text each time: nothing of it is known
        string text = $"{_number++}." + string.Concat(Enumerable.Repeat(Sentence, Sentences));
        ChatRequest request = ChatRequest.Create([new ChatMessage(ChatRole.User, text)], null, new KvNormChatOptions(), _client);
        return PreparedRequest.Create(request, _chat, Pool.Plan, CancellationToken.None);
    }
}
