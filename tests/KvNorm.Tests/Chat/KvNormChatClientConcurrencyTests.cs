using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests.Chat;

/// <summary>Calls at the same time.</summary>
public sealed class KvNormChatClientConcurrencyTests(EmbeddedClientFixture shared) : IClassFixture<EmbeddedClientFixture>
{
    private static readonly string[] Things = ["a fruit", "a river", "a colour", "an animal", "a city", "a metal", "a planet", "a song"];

    private readonly KvNormChatClient _client = shared.Client;

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public async Task GetResponseAsync_SeveralAtOnce_EachGivesItsOwnText(int calls)
    {
        List<ChatMessage[]> questions = [.. Things.Take(calls).Select(thing => new[] { Instruct("Be brief."), User($"Name {thing}.") })];
        List<string> expected = [];
        foreach (ChatMessage[] question in questions)
            expected.Add(await FreshAnswerAsync(question));

        ChatResponse[] responses = await Task.WhenAll(questions.Select(question => Task.Run(() => _client.GetResponseAsync(question, Greedy()))));
        Assert.Equal(expected, responses.Select(response => response.Text), StringComparer.Ordinal);
        Assert.Equal(calls, responses.Select(response => response.ResponseId).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_OneStreamTwice_IsTwoCalls()
    {
        IAsyncEnumerable<ChatResponseUpdate> stream = _client.GetStreamingResponseAsync([User("Name a fruit.")], Greedy());
        List<ChatResponseUpdate> one = await stream.CollectAsync(), two = await stream.CollectAsync();
        Assert.Equal(one.Text(), two.Text());
        Assert.NotEqual(one[0].ResponseId, two[0].ResponseId, StringComparer.Ordinal);
    }

    [Fact]
    public async Task Statistics_ReadDuringACall_AreConsistent()
    {
        using KvNormChatClient client = Tiny(256);
        Task<ChatResponse> call = Task.Run(() => client.GetResponseAsync([User(Prose(100))], Greedy()));
        int looks = 0;
        while (!call.IsCompleted)
        {
            KvCacheStatistics now = client.Statistics;
            Assert.InRange(now.Cells, 0, now.Capacity);
            Assert.True(now.Cells <= now.LogicalTokens);
            Assert.All(client.GetRetention(), token => Assert.InRange(token.Held, 0f, 1f));
            looks++;
            await Task.Yield();
        }

        await call;
        Assert.NotEqual(0, looks);
    }
}
