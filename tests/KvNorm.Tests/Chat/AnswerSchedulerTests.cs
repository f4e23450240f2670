using KvNorm.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat;

/// <summary>Who is answered when, and what one answer's end means for the others.</summary>
public sealed class AnswerSchedulerTests
{
    private const int Endless = 5000; // tokens that no test waits for

    // Each finds in the slot what the one before it has left there: a little more each time, in this order alone.
    [Fact]
    public async Task Add_MoreThanSlots_AreAnsweredInOrder()
    {
        using SchedulerRig rig = new(slots: 1);
        AnswerStream[] streams = [.. Enumerable.Range(1, 6).Select(i => rig.Add(Prose(i), 2))];
        (string Text, AnswerResult Result)[] answers = await Task.WhenAll(streams.Reverse().Select(rig.ReadAsync)); // whoever asks first
        int[] cached = [.. answers.Reverse().Select(static answer => answer.Result.Account.CachedTokens)];
        Assert.Equal(cached.Order(), cached);
        Assert.Equal(6, cached.Distinct().Count());
        Assert.All(streams, static stream => Assert.NotNull(stream.Queued));
    }

    [Fact]
    public async Task Add_AsManyAsSlots_EachGetsTheAnswerItGetsAlone()
    {
        using SchedulerRig rig = new(slots: 3), alone = new(slots: 1);
        string[] texts = ["one", "two words", Prose(3)];
        AnswerStream[] streams = [.. texts.Select(text => rig.Add(text, 30))];
        (string Text, AnswerResult Result)[] together = await Task.WhenAll(streams.Select(rig.ReadAsync));
        foreach ((string text, (string Text, AnswerResult Result) answer) in texts.Zip(together))
            Assert.Equal(await alone.AnswerAsync(text, 30), answer.Text);
    }

    [Fact]
    public async Task Add_SystemPromptThatNeedsMoreThanABusyOneLeaves_WaitsForItsEnd()
    {
        using SchedulerRig rig = new(slots: 2, cellsPerSlot: 400, unified: true); // the least is 200, the most 600
        AnswerStream first = rig.Add(OfTokens(540, text => rig.Prepare(text)), 40);
        Assert.NotNull(await rig.NextAsync(first));
        AnswerStream second = rig.Add("hello", 100, instructions: OfTokens(250, text => rig.Prepare("hello", instructions: text)));
        Assert.NotNull(await rig.NextAsync(second));
        Assert.NotNull(first.Result);
        await rig.ReadAsync(second);

        static string OfTokens(int count, Func<string, PreparedRequest> prepare)
        {
            string text = "";
            while (true)
            {
                using PreparedRequest request = prepare(text += "a word ");
                if (request.Prompt.Tokens.Length >= count)
                    return text;
            }
        }
    }

    [Fact]
    public async Task Want_Nobody_NothingIsDecoded()
    {
        using SchedulerRig rig = new();
        AnswerStream stream = rig.Add("hello");
        Assert.Equal(0, await rig.TokensSeenAsync());
        await rig.ReadAsync(stream);
        Assert.NotEqual(0, await rig.TokensSeenAsync());
    }

    [Fact]
    public async Task Want_UntilSomethingCame_ThenTheAnswerRests()
    {
        using SchedulerRig rig = new();
        AnswerStream stream = rig.Add("hello", Endless);
        Assert.NotNull(await rig.NextAsync(stream));
        await WaitForRestAsync(rig);
        Assert.Null(stream.Result);
        Assert.NotNull(await rig.NextAsync(stream));
    }

    [Fact]
    public async Task Want_AnotherAnswer_TheUnreadOneIsWrittenBesideIt()
    {
        using SchedulerRig rig = new(slots: 2);
        AnswerStream unread = rig.Add("one", 20), read = rig.Add("two", 60);
        Assert.NotNull(await rig.NextAsync(unread));
        (_, AnswerResult result) = await rig.ReadAsync(read);
        Assert.NotNull(result);
        Assert.Equal(20, unread.Result?.Sampled.Count ?? unread.Contents.Count);
    }

    [Fact]
    public async Task Cancelled_WhileWaiting_EndsAndTheOtherIsUntouched()
    {
        using SchedulerRig rig = new(slots: 1), alone = new();
        using CancellationTokenSource source = new();
        AnswerStream first = rig.Add("one", 30);
        AIContent? begun = await rig.NextAsync(first);
        AnswerStream waiting = rig.Add("two", 30, cancelled: source.Token), last = rig.Add("three", 30);
        await source.CancelAsync();
        rig.Scheduler.Leave(waiting);
        await AssertCancelledAsync(waiting);
        Assert.Null(waiting.Queued);
        Assert.Equal(await alone.AnswerAsync("one", 30), begun + (await rig.ReadAsync(first)).Text);
        Assert.NotNull((await rig.ReadAsync(last)).Result);
    }

    [Fact]
    public async Task Cancelled_WhilePrefilling_EndsAndTheSlotIsFree()
    {
        using SchedulerRig rig = new(slots: 1), alone = new();
        using CancellationTokenSource source = new();
        AnswerStream stream = rig.Add(Prose(400), Endless, cancelled: source.Token);
        rig.Scheduler.Want(stream);
        while (rig.Pool.Statistics.TokensSeen == 0)
            await Task.Yield();
        await source.CancelAsync();
        rig.Scheduler.Leave(stream);
        await AssertCancelledAsync(stream);
        Assert.Equal(await alone.AnswerAsync("hello"), await rig.AnswerAsync("hello"));
    }

    [Fact]
    public async Task Cancelled_WhileSampling_EndsAndTheOtherGoesOn()
    {
        using SchedulerRig rig = new(slots: 2), alone = new();
        using CancellationTokenSource source = new();
        AnswerStream cancelled = rig.Add("one", Endless, cancelled: source.Token), other = rig.Add("two", 60);
        Assert.NotNull(await rig.NextAsync(cancelled));
        Task<(string Text, AnswerResult Result)> reading = rig.ReadAsync(other);
        await source.CancelAsync();
        rig.Scheduler.Leave(cancelled);
        await AssertCancelledAsync(cancelled);
        Assert.Equal(await alone.AnswerAsync("two", 60), (await reading).Text);
    }

    [Fact]
    public async Task Failing_AtItsBegin_GivesItsSlotBack()
    {
        using SchedulerRig rig = new(slots: 1);
        await FailAtTheBeginAsync(rig);
        Assert.NotEmpty(await rig.AnswerAsync("hello"));
    }

    [Fact]
    public async Task Failing_AtItsBeginInALongSlot_LeavesNobodyMoreThanItsShare()
    {
        using SchedulerRig rig = new(slots: 2, cellsPerSlot: 400, unified: true);
        await rig.AnswerAsync(Conversation.Prose(60), 200);
        await rig.AnswerAsync("hello");
        await FailAtTheBeginAsync(rig);
        Assert.All(rig.Pool.Slots, static slot => Assert.InRange(slot.Statistics.Cells, 0, slot.Share.Capacity.Cells));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Failing_BesideOthers_EndsAlone(bool atDecode)
    {
        using SchedulerRig rig = new(slots: 2), alone = new();
        PreparedRequest bad = rig.Prepare("this one fails", Endless);
        if (atDecode)
            bad.Prompt.Tokens[^1] = int.MaxValue; // there is no such token
        else
            bad.Sampler.Dispose();
        AnswerStream good = rig.Add("two", 40), failing = rig.Scheduler.Add(bad, null, CancellationToken.None);
        Task<(string Text, AnswerResult Result)> reading = rig.ReadAsync(good);
        Exception? e = await Record.ExceptionAsync(() => rig.ReadAsync(failing));
        Assert.IsType(atDecode ? typeof(ArgumentOutOfRangeException) : typeof(ObjectDisposedException), e);
        Assert.Equal(await alone.AnswerAsync("two", 40), (await reading).Text);
        Assert.NotEmpty(await rig.AnswerAsync("both slots are free"));
    }

    [Fact]
    public async Task Add_TwoThatBeginAlike_TheSecondTakesOverWhatTheFirstPrefilled()
    {
        using SchedulerRig rig = new(slots: 2);
        string instructions = Prose(2);
        AnswerStream[] both =
            [rig.Add("Who are you?", 1, instructions: instructions), rig.Add("What do you know?", 1, instructions: instructions)];
        (string Text, AnswerResult Result)[] answers = await Task.WhenAll(both.Select(rig.ReadAsync));
        int shared = answers[1].Result.Account.CachedTokens, all = answers.Sum(answer => answer.Result.Account.InputTokens);
        Assert.True(shared > 0.7 * answers[1].Result.Account.InputTokens, $"{shared} tokens were shared");
        Assert.Equal(all - shared, await rig.TokensSeenAsync());
    }

    [Fact]
    public async Task RunAsync_BesideAnAnswer_RunsBetweenDecodes()
    {
        using SchedulerRig rig = new(), alone = new();
        Task<(string Text, AnswerResult Result)> reading = rig.ReadAsync(rig.Add("hello", 60));
        List<bool> staged = [];
        while (!reading.IsCompleted)
            staged.Add(
                await rig.Scheduler.RunAsync(() => rig.Pool.Slots[0].Statistics.Cells <= rig.Pool.Slots[0].Conversation.Tokens.Length));
        Assert.DoesNotContain(false, staged);
        Assert.Equal(await alone.AnswerAsync("hello", 60), (await reading).Text);
    }

    [Fact]
    public async Task RunAsync_ErrandThatFails_FailsAlone()
    {
        using SchedulerRig rig = new();
        AnswerStream stream = rig.Add("hello");
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => rig.Scheduler.RunAsync<int>(static () => throw new InvalidOperationException()));
        Assert.NotEmpty((await rig.ReadAsync(stream)).Text);
    }

    [Fact]
    public async Task Dispose_WithAnswersWaitingAndResting_EndsThemAll()
    {
        AnswerStream[] streams;
        PreparedRequest late;
        SchedulerRig rig = new(slots: 1);
        using (rig)
        {
            streams = [rig.Add("one", Endless), rig.Add("two"), rig.Add("three")];
            Assert.NotNull(await rig.NextAsync(streams[0]));
            late = rig.Prepare("late");
        }

        foreach (AnswerStream stream in streams)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DrainAsync(stream));
        Assert.Throws<ObjectDisposedException>(() => rig.Scheduler.Add(late, null, CancellationToken.None));
        Assert.Throws<ObjectDisposedException>(() => rig.Scheduler.Want(streams[0]));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => rig.Scheduler.RunAsync(static () => 1));
        rig.Scheduler.Leave(streams[1]); // of an answer that has ended: nothing happens
    }

    [Fact]
    public async Task Dispose_WhileCallersWait_EndsTheirWait()
    {
        SchedulerRig rig = new(slots: 1);
        Task[] reading;
        using (rig)
        {
            reading = [.. Enumerable.Range(0, 4).Select(i => rig.ReadAsync(rig.Add($"{i}", Endless)))];
            while (rig.Pool.Statistics.TokensSeen == 0)
                await Task.Yield();
        }

        foreach (Task task in reading)
            Assert.True(await Record.ExceptionAsync(() => task) is OperationCanceledException or ObjectDisposedException);
    }

    [Fact]
    public async Task Add_ManyFromManyThreads_AllEnd()
    {
        using SchedulerRig rig = new(slots: 3);
        Random random = new(1);
        int[] lengths = [.. Enumerable.Range(0, 60).Select(_ => random.Next(1, 12))];
        int[] ends = await Task.WhenAll(lengths.Select((length, i) => Task.Run(async () =>
        {
            using CancellationTokenSource source = new();
            AnswerStream stream = rig.Add($"{i % 7} {Prose(i % 3)}", length, cancelled: source.Token);
            if (i % 4 != 0)
                return (await rig.ReadAsync(stream)).Result.Sampled.Count;
            await rig.NextAsync(stream);
            await source.CancelAsync();
            rig.Scheduler.Leave(stream);
            return 0;
        })));
        Assert.All(ends.Zip(lengths), static pair => Assert.InRange(pair.First, 0, pair.Second));
        Assert.NotEmpty(await rig.AnswerAsync("still there"));
    }

    private static async Task FailAtTheBeginAsync(SchedulerRig rig)
    {
        PreparedRequest prepared = rig.Prepare("hello");
        PreparedRequest bad = prepared with { Prompt = prepared.Prompt with { Tokens = [] } };
        AnswerStream stream = rig.Scheduler.Add(bad, null, CancellationToken.None);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => rig.ReadAsync(stream));
    }

    private static async Task WaitForRestAsync(SchedulerRig rig)
    {
        long before = await rig.TokensSeenAsync();
        for (int i = 0; i < 3; i++)
            Assert.Equal(before, await rig.TokensSeenAsync());
    }

    private static async Task AssertCancelledAsync(AnswerStream stream)
    {
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DrainAsync(stream));
        Assert.Equal(stream.Cancelled, e.CancellationToken);
        Assert.Null(stream.Result);
    }

    private static async Task DrainAsync(AnswerStream stream)
    {
        await foreach (AIContent _ in stream.Contents.ReadAllAsync())
        {
        }
    }
}
