using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>Looks at a client in the middle of a call.</summary>
public sealed class KvNormChatClientConcurrencyTests
{
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
