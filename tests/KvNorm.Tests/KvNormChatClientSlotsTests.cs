using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>Several conversations at a time: each gets its own answer, and nobody disturbs another.</summary>
public sealed class KvNormChatClientSlotsTests
{
    private const int Cells = 1600;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponseAsync_FourAtOnceInFourSlots_GetTheAnswersOfFreshClients(bool unified)
    {
        using KvNormChatClient client = Create(4, unified: unified), alone = Tiny(400);
        ChatMessage[][] conversations = [.. Enumerable.Range(0, 4)
            .Select(i => new[] { Instruct("Be brief."), User($"{i} {Prose(1, i)}") })];
        string[] expected = [.. await InOrderAsync(conversations, conversation => alone.AnswerAsync(conversation, 30))];
        string[] actual = await Task.WhenAll(conversations.Select(conversation => client.AnswerAsync(conversation, 30)));
        Assert.Equal(expected, actual);
        Assert.Equal(4, client.Statistics.Slots);
    }

    // Each call finds in the slot what the one before it has left there: a little more each time, in this order alone.
    [Fact]
    public async Task GetResponseAsync_MoreCallsThanSlots_AreAnsweredInOrder()
    {
        using KvNormChatClient client = Create(1);
        ChatResponse[] responses = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(i => client.GetResponseAsync([User(Prose(i + 1))], Greedy(3))));
        long[] cached = [.. responses.Select(static response => response.Usage!.CachedInputTokenCount!.Value)];
        Assert.Equal(cached.Order(), cached);
        Assert.Equal(6, cached.Distinct().Count());
    }

    [Fact]
    public async Task GetResponseAsync_InsideTheLoopOverAStream_IsAnswered()
    {
        using KvNormChatClient client = Create(1);
        string inner = "";
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync([User("hello")], Greedy(30)))
        {
            inner = await client.AnswerAsync([User("another question")], 4);
            break;
        }

        Assert.NotEmpty(inner);
    }

    [Fact]
    public async Task GetResponseAsync_TwoAgentsAtOnce_ShareTheDecodingOfTheirSystemPrompt()
    {
        using KvNormChatClient client = Create(2);
        ChatMessage system = Instruct(Prose(4));
        ChatResponse[] both = await Task.WhenAll(
            client.GetResponseAsync([system, User("Who are you?")], Greedy(1)),
            client.GetResponseAsync([system, User("What do you know?")], Greedy(1)));
        long shared = both.Max(response => response.Usage!.CachedInputTokenCount!.Value),
            all = both.Sum(response => response.Usage!.InputTokenCount!.Value);
        Assert.True(shared > 0.7 * both[0].Usage!.InputTokenCount, $"{shared} tokens were shared");
        Assert.Equal(all - shared, client.Statistics.TokensSeen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponseAsync_OneOfSeveralCancelled_TheOthersGoOn(bool unified)
    {
        using KvNormChatClient client = Create(3, unified: unified), alone = Tiny(400);
        ChatMessage[][] conversations = [[User("one")], [User("two")]];
        string[] expected = [.. await InOrderAsync(conversations, conversation => alone.AnswerAsync(conversation, 60))];
        using CancellationTokenSource source = new();
        Task<ChatResponse> cancelled = client.GetResponseAsync([User(Prose(60))], Greedy(400), source.Token);
        Task<string>[] others = [.. conversations.Select(conversation => client.AnswerAsync(conversation, 60))];
        while (client.Statistics.TokensSeen < 100)
            await Task.Delay(1);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(expected, await Task.WhenAll(others));
    }

    [Fact]
    public async Task GetResponseAsync_OneOfSeveralFails_TheOthersGoOn()
    {
        using KvNormChatClient client = Create(2);
        Task<string> good = client.AnswerAsync([User("hello")], 40);
        KvCacheBudgetException e =
            await Assert.ThrowsAsync<KvCacheBudgetException>(() => client.AnswerAsync([Instruct(Prose(20)), User("hello")], 4));
        Assert.Contains("2 slots", e.Message, StringComparison.Ordinal);
        Assert.NotEmpty(await good);
        Assert.NotEmpty(await client.AnswerAsync([User("again")], 4));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponseAsync_ManyCallsSomeCancelled_EveryCallEndsAndTheCellsStayInTheBudget(bool unified)
    {
        using KvNormChatClient client = Create(3, parkedBytes: 1 << 20, unified);
        Random random = new(1);
        List<Task<string>> calls = [];
        for (int i = 0; i < 40; i++)
        {
            int number = i;
            CancellationTokenSource source = new(random.Next(3) == 0 ? random.Next(1, 200) : Timeout.Infinite);
            ChatMessage[] messages = [Instruct(Prose(2)), User($"{number % 6} {Prose(random.Next(1, 40), number)}")];
            calls.Add(Task.Run(async () => (await client.GetResponseAsync(messages, Greedy(random.Next(1, 40)), source.Token)).Text));
        }

        while (calls.Exists(static call => !call.IsCompleted))
        {
            KvCacheStatistics now = client.Statistics;
            Assert.InRange(now.Cells, 0, now.Capacity);
            Assert.InRange(now.ParkedBytes, 0, 1 << 20);
            await Task.Delay(5);
        }

        foreach (Task<string> call in calls)
            Assert.True(await Record.ExceptionAsync(() => call) is null or OperationCanceledException);
        Assert.Contains(calls, static call => call.IsCompletedSuccessfully);
        Assert.NotEmpty(await client.AnswerAsync([User("again")], 4));
    }

    [Fact]
    public async Task GetResponseAsync_AlternatingConversationsInOneSlot_ComeBackFromWhereTheyWereParked()
    {
        KvNormChatOptions options = Options(512);
        options.ParkedBytes = 64 << 20;
        using KvNormChatClient client = KvNormChatClient.Create(options), empty = Embedded();
        List<ChatMessage>[] conversations = [[User($"Name a fruit. {Prose(2)}")], [User($"Count to three. {Prose(2, 3)}")]];
        foreach (int turn in Enumerable.Range(0, 6))
        {
            List<ChatMessage> conversation = conversations[turn % 2];
            long seen = client.Statistics.TokensSeen;
            ChatResponse answer = await client.GetResponseAsync(conversation, Greedy(6));
            if (turn > 1)
                Assert.InRange(client.Statistics.TokensSeen - seen, 1, 30);
            Assert.Equal(turn > 1, answer.Usage!.CachedInputTokenCount > 40);
            empty.Cache.Latest.Clear();
            Assert.Equal(await empty.AnswerAsync(conversation, 6), answer.Text);
            conversation.AddRange([.. answer.Messages, User("And then?")]);
        }

        Assert.Equal(4, client.Statistics.RestoredConversations);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task LoadConversationAsync_SavedFromOtherShares_IsNotPrefilledAgain(bool unified, bool loadedIntoUnified)
    {
        using KvNormChatClient client = Create(3, unified: unified), other = Create(4, unified: loadedIntoUnified);
        ChatOptions options = Greedy(8);
        options.ConversationId = "talk";
        await client.GetResponseAsync([User(Prose(3))], options);
        using MemoryStream file = new();
        await client.SaveConversationAsync("talk", file);
        file.Position = 0;
        await other.LoadConversationAsync("talk", file);
        Assert.NotNull(other.GetConversation("talk")!.Slot);
        ChatResponse expected = await client.GetResponseAsync([User("And then?")], options);
        ChatResponse actual = await other.GetResponseAsync([User("And then?")], options);
        Assert.Equal(expected.Text, actual.Text);
        Assert.InRange(other.Statistics.TokensSeen, 1, 40);
    }

    private static KvNormChatClient Create(int slots, long parkedBytes = 0, bool unified = false)
    {
        KvNormChatOptions options = Options(Cells);
        options.ModelPath = TinyModel.Write(new TinyModelSettings());
        (options.Slots, options.UnifiedCache, options.ParkedBytes) = (slots, unified, parkedBytes);
        return KvNormChatClient.Create(options);
    }

    private static async Task<List<string>> InOrderAsync(IEnumerable<ChatMessage[]> conversations, Func<ChatMessage[], Task<string>> answer)
    {
        List<string> answers = [];
        foreach (ChatMessage[] conversation in conversations)
            answers.Add(await answer(conversation));
        return answers;
    }
}
