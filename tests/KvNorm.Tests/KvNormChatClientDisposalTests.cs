using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>Whenever a client is disposed of, nothing hangs, nothing crashes, and calls say why they ended.</summary>
public sealed class KvNormChatClientDisposalTests
{
    private static readonly ChatMessage[] Question = [User("hello")];

    [Fact]
    public void GetRetention_Disposed_Throws()
    {
        KvNormChatClient client = Tiny();
        client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => client.GetRetention());
    }

    [Fact]
    public async Task Dispose_DuringAStream_EndsItByObjectDisposed()
    {
        using KvNormChatClient client = Tiny();
        await using IAsyncEnumerator<ChatResponseUpdate> stream = client.GetStreamingResponseAsync(Question, LongAnswer())
            .GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.MoveNextAsync().AsTask());
        Assert.True(client.Model.Handle.IsClosed);
    }

    [Fact]
    public async Task Dispose_DuringAStreamThatIsThenBrokenOff_FreesTheModel()
    {
        using KvNormChatClient client = Tiny();
        IAsyncEnumerator<ChatResponseUpdate> stream = client.GetStreamingResponseAsync(Question, LongAnswer()).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        client.Dispose();
        Assert.True(client.Model.Handle.IsClosed);
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task Dispose_InsideAPrefill_EndsItByObjectDisposed()
    {
        using KvNormChatClient client = Embedded();
        Task<ChatResponse> call = client.GetResponseAsync([User(Prose(300))], Greedy());
        while (client.Statistics.TokensSeen == 0)
            await Task.Delay(1);
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        Assert.True(client.Model.Handle.IsClosed);
    }

    [Fact]
    public async Task Dispose_WithAQueuedCall_EndsBoth()
    {
        using KvNormChatClient client = Tiny();
        await using IAsyncEnumerator<ChatResponseUpdate> stream = client.GetStreamingResponseAsync(Question, LongAnswer())
            .GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        Task<ChatResponse> queued = client.GetResponseAsync(Question, Greedy());
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => queued);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.MoveNextAsync().AsTask());
        Assert.True(client.Model.Handle.IsClosed);
    }

    [Fact]
    public async Task Dispose_AmidManyCalls_EachIsAnsweredOrSaysSo()
    {
        for (int round = 0; round < 10; round++)
        {
            KvNormChatClient client = Tiny();
            Task<string>[] calls = [.. Enumerable.Range(0, 6).Select(_ => Task.Run(() => client.AnswerAsync(Question, 4)))];
            await Task.WhenAny(calls);
            client.Dispose();
            foreach (Task<string> call in calls)
                Assert.True(await Record.ExceptionAsync(() => call) is null or ObjectDisposedException);
            Assert.True(client.Model.Handle.IsClosed);
        }
    }

    [Fact]
    public async Task Dispose_WhileACallbackOfTheWorkerUsesTheModel_Ends()
    {
        using KvNormChatClient client = Tiny();
        using ManualResetEventSlim inside = new();
        Task<ChatResponse> call = PrefillProgressTests.ObserveAsync(client, Question, _ =>
        {
            inside.Set();
            SpinWait.SpinUntil(() => Record.Exception(client.GetConversations) is ObjectDisposedException);
            Thread.Sleep(100); // so that Dispose waits for whatever it waits for
            client.GetRetention();
        });
        inside.Wait();
        await Task.Run(client.Dispose).WaitAsync(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
    }

    [Fact]
    public async Task GetResponseAsync_CancelledAndDisposed_SaysDisposed()
    {
        KvNormChatClient client = Tiny();
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => client.GetResponseAsync(Question, Greedy(), new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Dispose_SaveWaitsForItsTurn_EndsIt()
    {
        KvNormChatClient client = Tiny();
        ChatOptions named = Greedy(200);
        named.ConversationId = "talk";
        await client.GetResponseAsync([User("hello")], named);
        await using IAsyncEnumerator<ChatResponseUpdate> stream =
            client.GetStreamingResponseAsync([User("go on")], named).GetAsyncEnumerator();
        await stream.MoveNextAsync();
        Task save = client.SaveConversationAsync("talk", new MemoryStream());
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => save);
    }

    [Fact]
    public async Task Dispose_WhileCallersBlockTheirThreads_EndsAndTheOthersWereAnswered()
    {
        using KvNormChatClient client = Tiny();
        using ManualResetEventSlim release = new();
        TaskCompletionSource blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task inTheLoop = Task.Run(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(Question, LongAnswer()))
            {
                blocked.TrySetResult();
                release.Wait();
            }
        });
        Task atTheEnd = Task.CompletedTask;
        try
        {
            await blocked.Task;
            Assert.NotEmpty(await client.AnswerAsync(Question, 4).WaitAsync(TimeSpan.FromSeconds(30)));
            atTheEnd = client.GetResponseAsync(Question, LongAnswer()).ContinueWith(
                _ => release.Wait(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await Task.Run(client.Dispose).WaitAsync(TimeSpan.FromSeconds(30));
        }
        finally
        {
            release.Set();
        }

        Assert.True(await Record.ExceptionAsync(() => inTheLoop) is null or ObjectDisposedException);
        await atTheEnd;
        Assert.True(client.Model.Handle.IsClosed);
    }

    // The stream must not end before the test has done what it is about.
    private static ChatOptions LongAnswer() => new() { Temperature = 0, MaxOutputTokens = 400 };
}
