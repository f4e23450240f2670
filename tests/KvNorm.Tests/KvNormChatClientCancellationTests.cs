using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>A cancelled call ends as such and leaves nothing behind.</summary>
public sealed class KvNormChatClientCancellationTests(EmbeddedClientFixture shared) : IClassFixture<EmbeddedClientFixture>
{
    private static readonly ChatMessage[] Question = [Instruct("Be brief."), User("Name a colour.")];

    private readonly KvNormChatClient _client = shared.Client;

    [Fact]
    public async Task GetResponseAsync_CancelledInsideALongPrefill_ThrowsAndTheNextCallWorks()
    {
        using CancellationTokenSource source = new();
        long seen = _client.Statistics.TokensSeen;
        Task<ChatResponse> call = _client.GetResponseAsync([Instruct("Be brief."), User(Prose(300))], Greedy(), source.Token);
        while (_client.Statistics.TokensSeen == seen)
            await Task.Delay(1);
        await source.CancelAsync();
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(source.Token, e.CancellationToken);
        Assert.InRange(_client.Statistics.TokensSeen - seen, 1, 3000);
        await RequireUnharmedAsync();
    }

    [Fact]
    public async Task GetResponseAsync_CancelledWithWhatWasSaidInTheHistory_GoesOn()
    {
        string begun = "";
        await foreach (ChatResponseUpdate update in _client.GetStreamingResponseAsync(Question, Greedy(200)))
        {
            begun += update.Text;
            if (begun.Length > 10)
                break;
        }

        ChatMessage[] next = [.. Question, Assistant(begun), User("Why?")];
        Assert.Equal(await FreshAnswerAsync(next), await _client.AnswerAsync(next));
    }

    [Fact]
    public async Task GetResponseAsync_CancelledWhileQueued_ThrowsAndTheOthersAreAnswered()
    {
        string expected = await FreshAnswerAsync(Question, tokens: 60);
        await using IAsyncEnumerator<ChatResponseUpdate> first = _client.GetStreamingResponseAsync(Question, Greedy(60))
            .GetAsyncEnumerator();
        Assert.True(await first.MoveNextAsync());
        using CancellationTokenSource source = new();
        Task<ChatResponse> cancelled = _client.GetResponseAsync(Question, Greedy(), source.Token);
        Task<ChatResponse> waiting = _client.GetResponseAsync(Question, Greedy(60));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(waiting.IsCompleted);

        string text = first.Current.Text;
        while (await first.MoveNextAsync())
            text += first.Current.Text;
        Assert.Equal(expected, text);
        Assert.Equal(expected, (await waiting).Text);
    }

    private async Task RequireUnharmedAsync() => Assert.Equal(await FreshAnswerAsync(Question), await _client.AnswerAsync(Question));
}
