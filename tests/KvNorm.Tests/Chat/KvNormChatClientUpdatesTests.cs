using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests.Chat;

/// <summary>What an answer looks like.</summary>
public sealed class KvNormChatClientUpdatesTests(EmbeddedClientFixture shared) : IClassFixture<EmbeddedClientFixture>
{
    private static readonly ChatMessage[] Question = [User("Tell me about the sea.")];

    private readonly KvNormChatClient _client = shared.Client;

    [Fact]
    public async Task GetStreamingResponseAsync_EveryUpdate_SaysWhoseItIs()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;
        List<ChatResponseUpdate> updates = await _client.GetStreamingResponseAsync(Question, Greedy()).CollectAsync();
        string id = updates[0].ResponseId!;
        Assert.NotEmpty(id);
        Assert.All(updates, update =>
        {
            Assert.Equal(ChatRole.Assistant, update.Role);
            Assert.Equal(id, update.ResponseId);
            Assert.Equal(updates[0].MessageId, update.MessageId);
            Assert.NotEmpty(update.MessageId!);
            Assert.Equal(EmbeddedName, update.ModelId);
            Assert.InRange(update.CreatedAt!.Value, before, DateTimeOffset.UtcNow);
            Assert.Null(update.ConversationId);
        });
    }

    [Fact]
    public async Task GetStreamingResponseAsync_TwoAnswers_HaveDifferentIds()
    {
        ChatResponse one = await _client.GetResponseAsync(Question, Greedy(2)), two = await _client.GetResponseAsync(Question, Greedy(2));
        Assert.NotEqual(one.ResponseId, two.ResponseId, StringComparer.Ordinal);
        Assert.NotEqual(one.Messages[0].MessageId, two.Messages[0].MessageId, StringComparer.Ordinal);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_Text_ComesInSeveralPieces()
    {
        List<ChatResponseUpdate> updates = await _client.GetStreamingResponseAsync(Question, Greedy()).CollectAsync();
        Assert.True(updates.Count(update => update.Text.Length > 0) >= 5);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_UsageAndFinishReason_AreInTheLastUpdateOnly()
    {
        List<ChatResponseUpdate> updates = await _client.GetStreamingResponseAsync(Question, Greedy()).CollectAsync();
        UsageContent usage = Assert.Single(updates.SelectMany(update => update.Contents).OfType<UsageContent>());
        Assert.Contains(usage, updates[^1].Contents);
        Assert.NotNull(updates[^1].FinishReason);
        Assert.All(updates.SkipLast(1), update => Assert.Null(update.FinishReason));

        UsageDetails details = usage.Details;
        Assert.Equal(12, details.OutputTokenCount);
        Assert.Equal(details.InputTokenCount + details.OutputTokenCount, details.TotalTokenCount);
        Assert.InRange(details.CachedInputTokenCount!.Value, 0, details.InputTokenCount!.Value - 1);
        Assert.Equal(0, details.AdditionalCounts![KvNormUsage.Evictions]);
        Assert.Equal(0, details.AdditionalCounts[KvNormUsage.EvictedRows]);
    }

    [Fact]
    public async Task GetResponseAsync_Greedy_GivesTheTextOfTheStream()
    {
        string streamed = (await _client.GetStreamingResponseAsync(Question, Greedy()).CollectAsync()).Text();
        ChatResponse response = await _client.GetResponseAsync(Question, Greedy());
        Assert.Equal(streamed, response.Text);
        ChatMessage message = Assert.Single(response.Messages);
        Assert.Equal(ChatRole.Assistant, message.Role);
        Assert.IsType<TextContent>(Assert.Single(message.Contents));
        Assert.Null(response.ConversationId);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(12, response.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_AnswerThatEnds_StopsByItself()
    {
        ChatResponse response = await _client.GetResponseAsync([Instruct("You are a helpful AI assistant."), User("hello")], Greedy(40));
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.InRange(response.Usage!.OutputTokenCount!.Value, 1, 39);
        Assert.DoesNotContain("<|im_end|>", response.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task GetResponseAsync_MaxOutputTokens_EndsTheAnswer(int most)
    {
        ChatResponse response = await _client.GetResponseAsync(Question, Greedy(most));
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(most, response.Usage!.OutputTokenCount);
    }

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

    // Every part of the answer in turn is the stop sequence, so that its beginning and end fall inside tokens, on borders and across them.
    [Fact]
    public async Task GetStreamingResponseAsync_StopSequenceAnywhere_IsNeverShown()
    {
        string full = await _client.AnswerAsync(Question, 16);
        for (int start = 1; start + 5 <= full.Length; start += 4)
        {
            string stop = full.Substring(start, 5);
            ChatOptions options = Greedy(16);
            options.StopSequences = [stop];
            List<ChatResponseUpdate> updates = await _client.GetStreamingResponseAsync(Question, options).CollectAsync();
            Assert.Equal(full[..full.IndexOf(stop, StringComparison.Ordinal)], updates.Text());
            Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        }
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
    public async Task GetStreamingResponseAsync_Timings_AreInTheLastUpdate()
    {
        List<ChatResponseUpdate> updates = await _client.GetStreamingResponseAsync(Question, Greedy(2)).CollectAsync();
        foreach (string name in new[] { KvNormUsage.PrefillMilliseconds, KvNormUsage.DecodeMilliseconds, KvNormUsage.EvictionMilliseconds })
            Assert.True(Assert.IsType<double>(updates[^1].AdditionalProperties![name]) >= 0);
    }
}
