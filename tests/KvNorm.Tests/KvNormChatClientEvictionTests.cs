using System.Globalization;
using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>Conversations that are longer than the cache.</summary>
public sealed class KvNormChatClientEvictionTests
{
    private static readonly TinyModelSettings OneLayer = new() { Layers = 1, Heads = 2, KeyValueHeads = 1 };

    [Fact]
    public async Task GetResponseAsync_FifteenTurns_StayInsideTheCellsAndCountTheirEvictions()
    {
        using KvNormChatClient client = Embedded(128);
        List<ChatMessage> history = [Instruct("You are a helpful AI assistant.")];
        long evictions = 0, rows = 0;
        for (int turn = 0; turn < 15; turn++)
        {
            history.Add(User(Prose(1, turn)));
            ChatResponse response = await client.GetResponseAsync(history, Greedy(8));
            history.AddMessages(response);
            AdditionalPropertiesDictionary<long> counts = response.Usage!.AdditionalCounts!;
            evictions += counts[KvNormUsage.Evictions];
            rows += counts[KvNormUsage.EvictedRows];
            KvCacheStatistics now = client.Statistics;
            Assert.InRange(now.Cells, 1, now.Capacity);
            Assert.Equal(128, now.Capacity);
            Assert.Equal((evictions, rows), (now.Evictions, now.EvictedRows));
            // However much was evicted, only the new message and what comes around it is read.
            if (turn > 0)
                Assert.InRange(response.Usage.InputTokenCount!.Value - response.Usage.CachedInputTokenCount!.Value, 1, 40);
        }

        Assert.True(evictions >= 3, $"{evictions} evictions");
        Assert.True(client.Statistics.LogicalTokens > 2 * 128);
    }

    [Fact]
    public async Task GetResponseAsync_PromptManyTimesTheBudget_IsAnswered()
    {
        using KvNormChatClient client = Embedded(128);
        ChatResponse response = await client.GetResponseAsync(
            [Instruct("Be brief."), User(Prose(50)), Assistant("I see."), User("What sings?")], Greedy(8));
        Assert.True(response.Usage!.InputTokenCount >= 5 * 128, $"{response.Usage.InputTokenCount} tokens");
        Assert.NotEmpty(response.Text);
        Assert.InRange(client.Statistics.Cells, 1, 128);
        Assert.True(response.Usage.AdditionalCounts![KvNormUsage.Evictions] > 5);
    }

    [Fact]
    public async Task GetResponseAsync_RegenerateAfterEvictions_GivesATextAgain()
    {
        using KvNormChatClient client = Embedded(128);
        ChatMessage[] messages = [Instruct("Be brief."), User(Prose(11)), Assistant("I see."), User("What sings?")];
        string first = await client.AnswerAsync(messages, 4);
        ChatResponse again = await client.GetResponseAsync(messages, Greedy(4));
        Assert.Equal(first, again.Text);
        Assert.NotEqual(0, client.Statistics.Evictions);
        Assert.Equal(again.Usage!.InputTokenCount - 1, again.Usage.CachedInputTokenCount);
    }

    // The change lies where rows are gone: the conversation is taken up behind the system prompt, which every head still holds.
    [Fact]
    public async Task GetResponseAsync_EditInsideTheEvictedPart_IsReadAgainFromTheLastCompletePoint()
    {
        using KvNormChatClient client = Embedded(128);
        await client.AnswerAsync([Instruct("Be brief."), User(Prose(11)), Assistant("I see."), User("What sings?")], 4);
        Assert.NotEqual(0, client.Statistics.Evictions);
        ChatMessage[] edited = [Instruct("Be brief."), User("Hello.")];
        ChatResponse response = await client.GetResponseAsync(edited, Greedy());
        Assert.InRange(response.Usage!.CachedInputTokenCount!.Value, 1, response.Usage.InputTokenCount!.Value - 1);
        Assert.Equal(await FreshAnswerAsync(edited), response.Text);
        Assert.InRange(client.Statistics.Cells, 1, 64);
    }

    [Fact]
    public async Task GetResponseAsync_FiftyThousandTokens_AreAnswered()
    {
        using KvNormChatClient client = Tiny(512, OneLayer);
        ChatResponse response = await client.GetResponseAsync(
            [User(string.Concat(Enumerable.Repeat(" hello the word.", 12_500)))], Greedy(4));
        Assert.True(response.Usage!.InputTokenCount >= 50_000, $"{response.Usage.InputTokenCount} tokens");
        Assert.InRange(client.Statistics.Cells, 1, 512);
    }

    [Fact]
    public async Task GetResponseAsync_MessageOfAMegabyte_IsAnswered()
    {
        using KvNormChatClient client = Tiny(1024, OneLayer);
        string text = string.Concat(Enumerable.Repeat(" hello word the word", 1_000_000 / 20));
        ChatResponse response = await client.GetResponseAsync([User(text), User("hello")], Greedy(4));
        Assert.Equal(4, response.Usage!.OutputTokenCount);
        Assert.InRange(client.Statistics.Cells, 1, 1024);
    }

    [Fact]
    public async Task GetResponseAsync_SystemPromptTooLong_SaysHowManyCellsItNeedsAndTheNextCallWorks()
    {
        using KvNormChatClient client = Embedded(128);
        ChatMessage[] fits = [Instruct("Be brief."), User("Hi")];
        string expected = await client.AnswerAsync(fits);

        KvCacheBudgetException e =
            await Assert.ThrowsAsync<KvCacheBudgetException>(() => client.GetResponseAsync([Instruct(Prose(15)), User("Hi")], Greedy()));
        Assert.Equal(128, e.AvailableCells);
        Assert.True(e.RequiredCells > 128);
        Assert.Contains(e.RequiredCells.ToString(CultureInfo.InvariantCulture), e.Message, StringComparison.Ordinal);
        Assert.Equal(expected, await client.AnswerAsync(fits));

        using KvNormChatClient larger = Embedded((int)e.RequiredCells);
        Assert.NotEmpty(await larger.AnswerAsync([Instruct(Prose(15)), User("Hi")]));
    }

    [Fact]
    public async Task GetResponseAsync_SystemPromptAboveTheLowMark_IsAnsweredAndStaysHeld()
    {
        using KvNormChatClient client = Embedded(128);
        List<ChatMessage> messages = [Instruct(Prose(5))];
        for (int turn = 0; turn < 4; turn++)
        {
            messages.Add(User($"{turn}. {Prose(1, turn)}"));
            messages.AddRange((await client.GetResponseAsync(messages, Greedy(6))).Messages);
        }

        KvCacheStatistics statistics = client.Statistics;
        Assert.True(statistics.Evictions > 0);
        Assert.InRange(statistics.Cells, 1, 128);
        IReadOnlyList<TokenRetention> retention = client.GetRetention();
        Assert.All(retention.Take(64), static token => Assert.Equal(1, token.Held)); // the system prompt has more
    }

    [Fact]
    public async Task GetResponseAsync_ShortFirstMessage_StaysHeldWithItsTurn()
    {
        using KvNormChatClient client = Embedded(256);
        List<ChatMessage> messages = [Instruct("Be brief."), User("Sign every answer with FEATHER.")];
        for (int turn = 0; turn < 10; turn++)
        {
            messages.AddRange((await client.GetResponseAsync(messages, Greedy(6))).Messages);
            messages.Add(User($"{turn}. {Prose(2, turn)}"));
        }

        Assert.True(client.Statistics.Evictions > 1);
        TokenRetention[] retention = [.. client.GetRetention()];
        string whole = string.Concat(retention.TakeWhile(static token => token.Held == 1).Select(static token => token.Text));
        Assert.Contains("Sign every answer with FEATHER.", whole, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponseAsync_EveryPolicy_AnswersAfterEvictions()
    {
        foreach (string policy in EvictionPolicy.Names)
        {
            KvNormChatOptions options = Options(128);
            (options.ModelPath, options.Policy) = (TinyModel.Write(), EvictionPolicy.Named(policy));
            using KvNormChatClient client = KvNormChatClient.Create(options);
            ChatResponse response = await client.GetResponseAsync(
                [User(string.Concat(Enumerable.Repeat(" hello the word.", 100)))], Greedy(4));
            Assert.True(response.Usage!.AdditionalCounts![KvNormUsage.Evictions] > 1, policy);
            Assert.InRange(client.Statistics.Cells, 1, 128);
        }
    }

    // Past the window, what the window layers held of a place further back is gone.
    [Fact]
    public async Task GetResponseAsync_SlidingWindowModelTakenBack_GivesTheTextOfAFreshClient()
    {
        TinyModelSettings gemma = new() { Architecture = "gemma3", Layers = 6, ContextLength = 8192 };
        ChatMessage[] beginning = [User(Words(1, 700)), Assistant("hello")];
        ChatMessage[] edited = [.. beginning, User("and the word?")];
        using KvNormChatClient client = Tiny(4096, gemma), fresh = Tiny(4096, gemma);
        await client.AnswerAsync([.. beginning, User(Words(2, 1500))], 1);
        Assert.Equal(await fresh.AnswerAsync(edited, 4), await client.AnswerAsync(edited, 4));
    }

    private static string Words(int seed, int count) =>
        string.Concat(new Random(seed).GetItems([" the", " a", " and", " word", "hello", "th"], count));
}
