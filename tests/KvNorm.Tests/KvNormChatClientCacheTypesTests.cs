using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>A chat over caches of other types than f16.</summary>
public sealed class KvNormChatClientCacheTypesTests
{
    private const string Name = "talk";

    [Theory]
    [InlineData(KvCacheType.Q8_0, KvCacheType.Q8_0, 12_240)]
    [InlineData(KvCacheType.Q8_0, KvCacheType.Q4_0, 9_360)]
    [InlineData(KvCacheType.Q4_0, KvCacheType.Q5_1, 7_560)]
    [InlineData(KvCacheType.F32, KvCacheType.F32, 46_080)]
    public async Task GetResponseAsync_AnyTypes_EvictsAndSaysWhatItIsStoredAs(KvCacheType keys, KvCacheType values, long bytesPerCell)
    {
        using KvNormChatClient client = Create(keys, values);
        for (int turn = 0; turn < 2; turn++)
            Assert.NotEmpty((await client.GetResponseAsync([User(LongText(turn))], Named())).Text);
        KvCacheStatistics statistics = client.Statistics;
        Assert.Equal((keys, values, bytesPerCell), (statistics.CacheTypeK, statistics.CacheTypeV, statistics.BytesPerCell));
        KvNormModelFacts facts = client.ModelFacts;
        Assert.Equal((keys, values, bytesPerCell), (facts.CacheTypeK, facts.CacheTypeV, facts.BytesPerCell));
        Assert.Equal((EvictionMechanism.RewriteRows, true), (statistics.Mechanism, statistics.Evictions > 0));
    }

    [Theory]
    [InlineData(KvCacheType.Q8_0, true)]
    [InlineData(KvCacheType.F16, false)]
    public async Task LoadConversationAsync_OtherTypes_IsReadAgain(KvCacheType other, bool goesOn)
    {
        using KvNormChatClient client = Create(KvCacheType.Q8_0, KvCacheType.Q8_0), loads = Create(other, other);
        await client.GetResponseAsync([User("hello")], Named());
        using MemoryStream saved = new();
        await client.SaveConversationAsync(Name, saved);
        saved.Position = 0;
        await loads.LoadConversationAsync(Name, saved);
        Assert.Equal(goesOn, loads.Statistics.LogicalTokens > 0);
        Assert.NotEmpty((await loads.GetResponseAsync([User("go on")], Named())).Text);
        Assert.Equal(4, await SavedMessagesAsync(loads));
    }

    [Fact]
    public void Create_TypeThatIsNone_SaysWhichThereAre()
    {
        ArgumentOutOfRangeException refused = Assert.Throws<ArgumentOutOfRangeException>(() => Create((KvCacheType)12, KvCacheType.F16));
        Assert.Equal("CacheTypeK", refused.ParamName);
        Assert.Contains("Q8_0", refused.Message, StringComparison.Ordinal);
    }

    private static KvNormChatClient Create(KvCacheType keys, KvCacheType values) => KvNormChatClient.Create(new KvNormChatOptions
    {
        KvCacheBudget = KvCacheBudget.FromCells(128),
        CacheTypeK = keys,
        CacheTypeV = values,
        Threads = 1,
        MaxOutputTokens = 4,
    });

    private static ChatOptions Named() => new() { ConversationId = Name, Temperature = 0 };

    private static string LongText(int turn) =>
        string.Join(' ', Enumerable.Range(turn * 10, 10).Select(static i => $"Number {i} is here."));

    private static async Task<int> SavedMessagesAsync(KvNormChatClient client)
    {
        using MemoryStream saved = new();
        await client.SaveConversationAsync(Name, saved);
        saved.Position = 0;
        return (await client.LoadConversationAsync("copy", saved)).Count;
    }
}
