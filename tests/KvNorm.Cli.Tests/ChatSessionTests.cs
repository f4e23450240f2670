using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli.Tests;

public sealed class ChatSessionTests
{
    [Fact]
    public async Task SendAsync_SecondTurn_SendsTheWholeHistoryAndReusesIt()
    {
        using KvNormChatClient client = TestClient.Tiny();
        ChatSession session = new(client, TestClient.Greedy(4));
        string shown = "";
        TurnReport first = await session.SendAsync("hello", text => shown += text, CancellationToken.None);
        Assert.Equal(shown, first.Text);
        TurnReport second = await session.SendAsync("the word", _ => { }, CancellationToken.None);
        Assert.Equal((1, 2, 2), (first.Turn, second.Turn, session.Turns));
        Assert.True(second.CachedTokens >= first.InputTokens);
    }

    [Fact]
    public async Task SendAsync_Stopped_KeepsWhatWasShownInTheHistory()
    {
        using KvNormChatClient client = TestClient.Tiny();
        ChatSession session = new(client, TestClient.Greedy(200));
        using CancellationTokenSource stop = new();
        string shown = "";
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.SendAsync("hello", Stop, stop.Token));
        Assert.Equal(1, session.Turns);
        Assert.Equal(2, (await session.SendAsync("the", _ => { }, CancellationToken.None)).Turn);
        Assert.Contains(
            $"assistant\n{shown}<|im_end|>\n<|im_start|>user\nthe<|im_end|>",
            string.Concat(client.GetRetention().Select(token => token.Text)),
            StringComparison.Ordinal);

        void Stop(string text)
        {
            shown += text;
            stop.Cancel();
        }
    }

    [Fact]
    public async Task Reset_AfterTurns_BeginsANewConversation()
    {
        using KvNormChatClient client = TestClient.Tiny();
        ChatSession session = new(client, TestClient.Greedy(2));
        TurnReport first = await session.SendAsync("hello", _ => { }, CancellationToken.None);
        session.Reset();
        TurnReport again = await session.SendAsync("hello", _ => { }, CancellationToken.None);
        Assert.Equal((1, first.InputTokens, first.Text), (again.Turn, again.InputTokens, again.Text));
    }
}
