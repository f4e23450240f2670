using KvNorm.Chat.Conversations;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Conversations;

/// <summary>Which conversations are kept, and who has the turn in one.</summary>
public sealed class ConversationStoreTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1), Moment = TimeSpan.FromMilliseconds(1);

    private readonly Clock _clock = new();

    [Fact]
    public async Task BeginTurnAsync_OneTooMany_TheLongestIdleIsGivenUp()
    {
        ConversationStore store = Create(maximum: 3);
        foreach (string id in new[] { "a", "b", "c", "a", "d" })
            await SayAsync(store, id);
        Assert.Equal(["d", "a", "c"], store.All.Select(static conversation => conversation.Id), StringComparer.Ordinal);
        Assert.Null(store.Find("b"));
    }

    [Fact]
    public async Task BeginTurnAsync_OneTooManyWhileAllAreInUse_IsRefused()
    {
        ConversationStore store = Create(maximum: 2);
        using ConversationTurn first = await store.BeginTurnAsync("a", CancellationToken.None);
        ConversationTurn second = await store.BeginTurnAsync("b", CancellationToken.None);
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(
            () => store.BeginTurnAsync("c", CancellationToken.None));
        Assert.Contains("All 2", e.Message, StringComparison.Ordinal);
        second.Dispose();
        using ConversationTurn third = await store.BeginTurnAsync("c", CancellationToken.None);
    }

    [Fact]
    public async Task Find_IdleForTooLong_IsGoneUnlessInUse()
    {
        ConversationStore store = Create();
        await SayAsync(store, "idle");
        await SayAsync(store, "busy");
        using ConversationTurn turn = await store.BeginTurnAsync("busy", CancellationToken.None);
        _clock.Advance(Hour + Moment);
        Assert.Null(store.Find("idle"));
        Assert.NotNull(store.Find("busy"));
        turn.Dispose();
        _clock.Advance(Hour);
        Assert.NotNull(store.Find("busy")); // the time begins with the end of the last use
        _clock.Advance(Moment);
        Assert.Empty(store.All);
    }

    [Fact]
    public async Task BeginTurnAsync_WhileAnotherHasTheTurn_WaitsForItsEnd()
    {
        ConversationStore store = Create();
        ConversationTurn first = await store.BeginTurnAsync("a", CancellationToken.None);
        Task<ConversationTurn> waiting = store.BeginTurnAsync("a", CancellationToken.None);
        using ConversationTurn other = await store.BeginTurnAsync("b", CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        first.Dispose();
        using ConversationTurn second = await waiting;
        Assert.Same(first.Conversation, second.Conversation);
    }

    [Fact]
    public async Task BeginTurnAsync_TurnKeptForTooLong_SaysWhy()
    {
        ConversationStore store = Create(timeout: Moment);
        using (await store.BeginTurnAsync("a", CancellationToken.None))
        {
            TimeoutException e = await Assert.ThrowsAsync<TimeoutException>(() => store.BeginTurnAsync("a", CancellationToken.None));
            Assert.Contains("'a'", e.Message, StringComparison.Ordinal);
            Assert.Contains(nameof(KvNormChatOptions.ConversationTimeout), e.Message, StringComparison.Ordinal);
            Assert.NotNull(store.Remove("a"));
            using ConversationTurn anew = await store.BeginTurnAsync("a", CancellationToken.None);
        }

        using ConversationTurn after = await store.BeginTurnAsync("a", CancellationToken.None);
    }

    [Fact]
    public async Task BeginTurnAsync_Cancelled_LeavesNothing()
    {
        ConversationStore store = Create();
        ConversationTurn first = await store.BeginTurnAsync("a", CancellationToken.None);
        using CancellationTokenSource source = new();
        Task<ConversationTurn> waiting = store.BeginTurnAsync("a", source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        first.Dispose();
        Assert.Empty(store.All); // nothing was said
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.BeginTurnAsync("b", source.Token));
        Assert.Empty(store.All);
    }

    [Fact]
    public async Task Dispose_OfATurnInAConversationRemovedMeanwhile_LeavesItsSuccessor()
    {
        ConversationStore store = Create();
        ConversationTurn first = await store.BeginTurnAsync("a", CancellationToken.None);
        store.Remove("a");
        await SayAsync(store, "a");
        first.Dispose();
        Assert.NotSame(first.Conversation, store.Find("a"));
        Assert.NotNull(store.Find("a"));
        Assert.NotNull(store.Remove("a"));
        Assert.Null(store.Remove("a"));
    }

    private ConversationStore Create(int maximum = 10, TimeSpan? timeout = null) =>
        new(maximum, Hour, timeout ?? Timeout.InfiniteTimeSpan, _clock);

    private async Task SayAsync(ConversationStore store, string id)
    {
        using ConversationTurn turn = await store.BeginTurnAsync(id, CancellationToken.None);
        turn.Conversation.Messages = [User("Hi")];
        _clock.Advance(Moment);
    }

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public void Advance(TimeSpan time) => _now += time;

        public override DateTimeOffset GetUtcNow() => _now;
    }
}
