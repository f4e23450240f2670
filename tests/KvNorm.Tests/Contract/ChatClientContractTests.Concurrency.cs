using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Contract;

/// <content>Calls that are cancelled, and calls at the same time.</content>
public abstract partial class ChatClientContractTests
{
    private static readonly string[] Things = ["a fruit", "a river", "a colour", "an animal", "a city", "a metal", "a planet", "a song"];

    [Fact]
    public async Task GetResponseAsync_CancelledBeforeTheCall_ThrowsAndTheNextCallWorks()
    {
        string expected = await KnownAnswerAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Client.GetResponseAsync(Question, Greedy(), new CancellationToken(canceled: true)));
        await RequireUnharmedAsync(expected);
    }

    [Fact]
    public async Task GetResponseAsync_CancelledInsideALongPrefill_ThrowsAndTheNextCallWorks()
    {
        string expected = await KnownAnswerAsync();
        using CancellationTokenSource source = new();
        source.CancelAfter(TimeSpan.FromMilliseconds(50));
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Client.GetResponseAsync([User(Prose(250))], Greedy(1), source.Token));
        Assert.Equal(source.Token, e.CancellationToken);
        await RequireUnharmedAsync(expected);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_CancelledDuringTheAnswer_ThrowsAndTheNextCallWorks()
    {
        string expected = await KnownAnswerAsync();
        using CancellationTokenSource source = new();
        List<ChatResponseUpdate> updates = [];
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate update in Client.GetStreamingResponseAsync(Question, Greedy(200), source.Token))
            {
                updates.Add(update);
                await source.CancelAsync();
            }
        });
        Assert.Single(updates);
        Assert.Equal(source.Token, e.CancellationToken);
        await RequireUnharmedAsync(expected);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_TokenGivenToTheEnumerator_Cancels()
    {
        string expected = await KnownAnswerAsync();
        using CancellationTokenSource source = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in Client.GetStreamingResponseAsync(Question, Greedy(200)).WithCancellation(source.Token))
                await source.CancelAsync();
        });
        await RequireUnharmedAsync(expected);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_BrokenOff_TheNextCallWorks()
    {
        string expected = await KnownAnswerAsync();
        await foreach (ChatResponseUpdate update in Client.GetStreamingResponseAsync(Question, Greedy(200)))
        {
            Assert.NotEmpty(update.Text);
            break;
        }

        await RequireUnharmedAsync(expected);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_NeverEnumerated_BlocksNobody()
    {
        string expected = await KnownAnswerAsync();
        _ = Client.GetStreamingResponseAsync(Question, Greedy());
        await RequireUnharmedAsync(expected);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_OneStreamTwice_IsTwoCalls()
    {
        IAsyncEnumerable<ChatResponseUpdate> stream = Client.GetStreamingResponseAsync(Question, Greedy());
        List<ChatResponseUpdate> one = await stream.CollectAsync(), two = await stream.CollectAsync();
        Assert.Equal(one.Text(), two.Text());
        Assert.NotEqual(one[0].ResponseId, two[0].ResponseId, StringComparer.Ordinal);
    }

    [Fact]
    public async Task GetResponseAsync_EightAtOnce_EachGetsItsOwnAnswer()
    {
        List<ChatMessage[]> questions = [.. Things.Select(thing => new[] { Instruct("Be brief."), User($"Name {thing}.") })];
        List<string> expected = [];
        foreach (ChatMessage[] question in questions)
            expected.Add(await Client.AnswerAsync(question, 4));

        ChatResponse[] responses = await Task.WhenAll(
            questions.Select(question => Task.Run(() => Client.GetResponseAsync(question, Greedy(4)))));
        Assert.Equal(expected, responses.Select(response => response.Text), StringComparer.Ordinal);
        Assert.Equal(Things.Length, responses.Select(response => response.ResponseId).Distinct(StringComparer.Ordinal).Count());
    }
}
