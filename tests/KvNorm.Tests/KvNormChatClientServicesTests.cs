using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>What a client tells about itself.</summary>
public sealed class KvNormChatClientServicesTests(EmbeddedClientFixture shared) : IClassFixture<EmbeddedClientFixture>
{
    private readonly KvNormChatClient _client = shared.Client;

    [Fact]
    public async Task GetService_Statistics_AreThoseOfNow()
    {
        await _client.AnswerAsync([User("Hi")], 2);
        KvCacheStatistics statistics = _client.GetRequiredService<KvCacheStatistics>();
        Assert.Equal(_client.Statistics, statistics);
        Assert.Equal(512, statistics.Capacity);
        Assert.Equal(statistics.Cells, statistics.LogicalTokens);
        Assert.Equal(statistics.Cells * statistics.BytesPerCell, statistics.UsedBytes);
        Assert.Equal(512 * statistics.BytesPerCell, statistics.AllocatedBytes);
    }

    [Fact]
    public async Task GetRetention_NothingEvicted_IsTheConversationAllHeld()
    {
        ChatResponse response = await _client.GetResponseAsync([Instruct("Be kind 😀."), User("hello")], Greedy(40));
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        IReadOnlyList<TokenRetention> tokens = _client.GetRetention();
        Assert.Equal(
            $"<|im_start|>system\nBe kind 😀.<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n{response.Text}",
            string.Concat(tokens.Select(token => token.Text)));
        Assert.All(tokens, token => Assert.Equal(1f, token.Held));
    }

    [Fact]
    public async Task GetRetention_AfterEvictions_HoldsTheSystemPromptAndTheQuestionWhole()
    {
        using KvNormChatClient client = Embedded(256);
        string prose = Prose(25), question = "What is the weather like?";
        ChatResponse response = await client.GetResponseAsync(
            [Instruct("Answer like a sailor."), User(prose), Assistant("Aye."), User(question)], Greedy(8));
        Assert.NotEqual(0, client.Statistics.Evictions);

        IReadOnlyList<TokenRetention> tokens = client.GetRetention();
        string text = string.Concat(tokens.Select(token => token.Text));
        Assert.StartsWith(
            $"<|im_start|>system\nAnswer like a sailor.<|im_end|>\n<|im_start|>user\n{prose}<|im_end|>\n"
            + "<|im_start|>assistant\nAye.<|im_end|>\n",
            text,
            StringComparison.Ordinal);
        Assert.Contains($"{question}<|im_end|>\n<|im_start|>assistant\n{response.Text[..1]}", text, StringComparison.Ordinal);
        Assert.All(tokens, token => Assert.InRange(token.Held, 0f, 1f));
        Assert.Contains(tokens, token => token.Held < 0.5f);
        Assert.All(tokens.TakeWhile(token => token.Text != "<|im_end|>"), token => Assert.Equal(1f, token.Held));
        int asked = text[..text.LastIndexOf(question, StringComparison.Ordinal)].Length, at = 0;
        foreach (TokenRetention token in tokens)
        {
            if (at >= asked)
                Assert.Equal(1f, token.Held);
            at += token.Text.Length;
        }

        // Every head holds as many rows as there are cells.
        Assert.Equal(client.Statistics.Cells, tokens.Sum(token => (double)token.Held), 0.5);
    }
}
