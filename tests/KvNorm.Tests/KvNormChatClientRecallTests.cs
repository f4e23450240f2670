using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>What was evicted comes back when a message asks for it.</summary>
public sealed class KvNormChatClientRecallTests
{
    private const string Fact = "The password of Zanzibar is heliotrope.";

    private static readonly ChatMessage[] History =
    [
        Instruct("Be brief."), User($"Please remember this. {Fact}"), Assistant("I see."), User(Prose(40)), Assistant("I see."),
    ];

    [Fact]
    public async Task GetResponseAsync_QuestionForWhatWasEvicted_HasItBack()
    {
        using KvNormChatClient client = Embedded(256);
        ChatResponse response = await client.GetResponseAsync([.. History, User("What was the password of Zanzibar?")], Greedy(1));
        AdditionalPropertiesDictionary<long> counts = response.Usage!.AdditionalCounts!;
        Assert.InRange(counts[KvNormUsage.RecalledTokens], 1, 256 / 6);
        Assert.InRange(counts[KvNormUsage.Recalls], 1, 3);
        Assert.True((double)response.AdditionalProperties![KvNormUsage.RecallMilliseconds]! > 0);
        TokenRetention[] recalled = [.. client.GetRetention().Where(static token => token.IsRecalled)];
        Assert.Contains(Fact, string.Concat(recalled.Select(static token => token.Text)), StringComparison.Ordinal);
        Assert.All(recalled, static token => Assert.Equal(1, token.Held));
        KvCacheStatistics statistics = client.Statistics;
        Assert.Equal((counts[KvNormUsage.Recalls], counts[KvNormUsage.RecalledTokens]), (statistics.Recalls, statistics.RecalledTokens));
        Assert.True(statistics.ArchivedTokens > 256);
        Assert.True(statistics.ArchiveBytes >= statistics.ArchivedTokens * statistics.BytesPerCell);
    }

    [Fact]
    public async Task GetResponseAsync_SmallTalk_BringsNothingBack()
    {
        using KvNormChatClient client = Embedded(256);
        ChatResponse response = await client.GetResponseAsync([.. History, User("How are you today?")], Greedy(1));
        Assert.Equal(0, response.Usage!.AdditionalCounts![KvNormUsage.Recalls]);
        Assert.DoesNotContain(client.GetRetention(), static token => token.IsRecalled);
    }

    [Fact]
    public async Task GetResponseAsync_RecallOff_KeepsNothingOfWhatIsEvicted()
    {
        KvNormChatOptions options = Options(256);
        options.Recall = false;
        using KvNormChatClient client = KvNormChatClient.Create(options);
        ChatResponse response = await client.GetResponseAsync([.. History, User("What was the password of Zanzibar?")], Greedy(1));
        Assert.Equal(0, response.Usage!.AdditionalCounts![KvNormUsage.RecalledTokens]);
        Assert.Equal((0, 0L), (client.Statistics.ArchivedTokens, client.Statistics.ArchiveBytes));
    }
}
