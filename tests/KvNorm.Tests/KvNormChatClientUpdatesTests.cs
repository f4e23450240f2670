using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>What an answer looks like beyond the contract.</summary>
public sealed class KvNormChatClientUpdatesTests(EmbeddedClientFixture shared) : IClassFixture<EmbeddedClientFixture>
{
    private static readonly ChatMessage[] Question = [User("Tell me about the sea.")];

    private readonly KvNormChatClient _client = shared.Client;

    [Fact]
    public async Task GetResponseAsync_NoMaxOutputTokens_TakesTheClientsCap()
    {
        KvNormChatOptions options = Options(256);
        options.MaxOutputTokens = 3;
        using KvNormChatClient client = KvNormChatClient.Create(options);
        ChatResponse response = await client.GetResponseAsync(Question);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(3, response.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_StopSequenceThatNeverComes_ChangesNothing()
    {
        ChatOptions options = Greedy();
        options.StopSequences = ["\u0001", "Zebra crossing"];
        ChatResponse response = await _client.GetResponseAsync(Question, options);
        Assert.Equal(await _client.AnswerAsync(Question), response.Text);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
    }

    [Fact]
    public async Task GetResponseAsync_AfterAStopSequence_TheConversationGoesOn()
    {
        ChatOptions options = Greedy(16);
        options.StopSequences = [" "];
        ChatResponse first = await _client.GetResponseAsync(Question, options);
        ChatMessage[] next = [.. Question, Assistant(first.Text), User("Why?")];
        Assert.Equal(await FreshAnswerAsync(next), await _client.AnswerAsync(next));
    }

    [Fact]
    public async Task GetResponseAsync_NothingEvicted_CountsNoEvictions()
    {
        UsageDetails usage = (await _client.GetResponseAsync(Question, Greedy(2))).Usage!;
        Assert.Equal(0, usage.AdditionalCounts![KvNormUsage.Evictions]);
        Assert.Equal(0, usage.AdditionalCounts[KvNormUsage.EvictedRows]);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_Timings_AreInTheLastUpdate()
    {
        List<ChatResponseUpdate> updates = await _client.GetStreamingResponseAsync(Question, Greedy(2)).CollectAsync();
        foreach (string name in new[] { KvNormUsage.PrefillMilliseconds, KvNormUsage.DecodeMilliseconds, KvNormUsage.EvictionMilliseconds })
            Assert.True(Assert.IsType<double>(updates[^1].AdditionalProperties![name]) >= 0);
    }
}
