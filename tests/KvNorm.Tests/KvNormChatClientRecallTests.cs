using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.KvCache.Recall;
using KvNorm.Tests.KvCache.Slots;
using KvNorm.Tests.Runtime;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>What was evicted comes back when a message asks for it.</summary>
public sealed class KvNormChatClientRecallTests
{
    private const string Fact = "The password of Zanzibar is heliotrope.";

    private static readonly ChatMessage[] History =
    [
        Instruct("Be brief."), User($"Please remember this. {Fact}"), Assistant("I see."), User(Prose(40)), Assistant("I see."),
    ];

    [Fact]
    public async Task GetResponseAsync_QuestionForWhatWasEvicted_HasItBack()
    {
        KvNormChatOptions options = Options(256);
        options.Policy = EvictionPolicy.Named("recency"); // the default would hold the fact
        using KvNormChatClient client = KvNormChatClient.Create(options);
        ChatResponse response = await client.GetResponseAsync([.. History, User("What was the password of Zanzibar?")], Greedy(1));
        AdditionalPropertiesDictionary<long> counts = response.Usage!.AdditionalCounts!;
        Assert.InRange(counts[KvNormUsage.RecalledTokens], 1, 256 / 6);
        Assert.InRange(counts[KvNormUsage.Recalls], 1, 3);
        Assert.True((double)response.AdditionalProperties![KvNormUsage.RecallMilliseconds]! > 0);
        TokenRetention[] recalled = [.. client.GetRetention().Where(static token => token.IsRecalled)];
        Assert.Contains(Fact, string.Concat(recalled.Select(static token => token.Text)), StringComparison.Ordinal);
        Assert.All(recalled, static token => Assert.Equal(1, token.Held));
        KvCacheStatistics statistics = client.Statistics;
        Assert.Equal((counts[KvNormUsage.Recalls], counts[KvNormUsage.RecalledTokens]), (statistics.Recalls, statistics.RecalledTokens));
        Assert.True(statistics.ArchivedTokens > 256);
        Assert.True(statistics.ArchiveBytes >= statistics.ArchivedTokens * statistics.BytesPerCell);
    }

    [Fact]
    public async Task GetResponseAsync_SmallTalk_BringsNothingBack()
    {
        using KvNormChatClient client = Embedded(256);
        ChatResponse response = await client.GetResponseAsync([.. History, User("How are you today?")], Greedy(1));
        Assert.Equal(0, response.Usage!.AdditionalCounts![KvNormUsage.Recalls]);
        Assert.DoesNotContain(client.GetRetention(), static token => token.IsRecalled);
    }

    [Fact]
    public async Task GetResponseAsync_RecallOff_KeepsNothingOfWhatIsEvicted()
    {
        KvNormChatOptions options = TinyOptions();
        options.Recall = false;
        using KvNormChatClient client = KvNormChatClient.Create(options);
        ChatResponse response = await client.GetResponseAsync(
            [User("zqxr vswy. " + Letters(500)), Assistant("abc."), User("zqxr vswy")], Greedy(1));
        Assert.True(client.Statistics.Evictions > 0);
        Assert.Equal(0, response.Usage!.AdditionalCounts![KvNormUsage.RecalledTokens]);
        Assert.Equal((0, 0L), (client.Statistics.ArchivedTokens, client.Statistics.ArchiveBytes));
    }

    // The first eviction comes while the answer is written: by then the question has been read.
    [Fact]
    public async Task GetResponseAsync_FirstEvictionInTheAnswer_RecallsNothingInItsMiddle()
    {
        using KvNormChatClient client = KvNormChatClient.Create(TinyOptions());
        ChatMessage[] messages = [User("zqxr vswy. " + Letters(190)), Assistant("abc."), User("zqxr vswy")];
        ChatResponse response = await client.GetResponseAsync(messages, Greedy(200));
        AdditionalPropertiesDictionary<long> counts = response.Usage!.AdditionalCounts!;
        Assert.InRange(response.Usage.InputTokenCount!.Value, 200, 256);
        Assert.True(counts[KvNormUsage.Evictions] > 0);
        Assert.Equal((0L, 0L), (counts[KvNormUsage.Recalls], counts[KvNormUsage.RecalledTokens]));
        ChatResponse next = await client.GetResponseAsync([.. messages, .. response.Messages, User("zqxr vswy")], Greedy(1));
        Assert.True(next.Usage!.AdditionalCounts![KvNormUsage.Recalls] > 0); // it is what would have come back
    }

    // The scorer is asked in the middle of the pass that brings the rows back.
    [Fact]
    public async Task GetResponseAsync_CancelledInTheMiddleOfARecall_LeavesTheConversationAsItWas()
    {
        ChatMessage[] told = [User("zqxr vswy. " + Letters(500)), Assistant("abc."), User("def")];
        ChatMessage[] asks = [.. told, Assistant("abc."), User("zqxr vswy")];
        string expected = await AnswerAsync(cancels: false);
        Assert.Equal(expected, await AnswerAsync(cancels: true));

        async Task<string> AnswerAsync(bool cancels)
        {
            using CancellationTokenSource cancelled = new();
            bool armed = false;
            KvNormChatOptions options = TinyOptions();
            options.Policy = EvictionPolicy.Custom("watched", _ => new Watched(() =>
            {
                if (armed)
                    cancelled.Cancel();
            }));
            using KvNormChatClient client = KvNormChatClient.Create(options);
            await client.GetResponseAsync(told, Greedy(1));
            Assert.True(client.Statistics.Evictions > 0);
            Assert.Equal(0, client.Statistics.Recalls);
            armed = true;
            if (cancels)
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync(asks, Greedy(), cancelled.Token));
                Assert.True(client.Statistics.Recalls > 0);
            }

            ChatResponse response = await client.GetResponseAsync(asks, Greedy());
            Assert.True(client.Statistics.Recalls > 0);
            Assert.Contains(client.GetRetention(), static token => token is { Text: "z", Held: 1 });
            return response.Text;
        }
    }

    [Fact]
    public async Task GetResponseAsync_ArchiveFileCannotBeRead_IsAnsweredWithoutIt()
    {
        if (!OperatingSystem.IsLinux())
            return; // only there a file without a name can be got at
        using TemporaryFolder folder = new();
        RecordingLogger logger = new();
        using SingleLoggerFactory loggers = new(logger);
        KvNormChatOptions options = TinyOptions();
        (options.ArchiveBytes, options.ArchiveFolder) = (1 << 20, folder.Path);
        using KvNormChatClient client = KvNormChatClient.Create(options, loggers);
        ChatMessage[] told = [User("zqxr vswy. " + Letters(6000))];
        await client.GetResponseAsync(told, Greedy(1));
        OpenFiles.Truncate(folder.Path);
        ChatResponse response = await client.GetResponseAsync([.. told, Assistant("abc."), User("zqxr vswy")], Greedy());
        Assert.NotEmpty(response.Text);
        Assert.Equal(0, response.Usage!.AdditionalCounts![KvNormUsage.Recalls]);
        Assert.Single(logger.Warnings);
    }

    [Fact]
    public async Task GetResponseAsync_QuestionForTheResultOfACall_HasTheCallBackWithIt()
    {
        KvNormChatOptions options = Options(512);
        options.Policy = EvictionPolicy.Named("recency");
        using KvNormChatClient client = KvNormChatClient.Create(options);
        Dictionary<string, object?> arguments = new(StringComparer.Ordinal) { ["city"] = "Zanzibar" };
        ChatMessage[] history =
        [
            User("What is it like there?"),
            new(ChatRole.Assistant, [new FunctionCallContent("1", "get_weather", arguments)]),
            new(ChatRole.Tool, [new FunctionResultContent("1", "Hailstorms until midnight.")]),
            Assistant("Rough."), User(Prose(50)), Assistant("I see."), User("When do the hailstorms end?"),
        ];
        await client.GetResponseAsync(history, Greedy(1));
        string recalled = string.Concat(client.GetRetention().Where(static token => token.IsRecalled).Select(static token => token.Text));
        Assert.Contains("get_weather", recalled, StringComparison.Ordinal);
        Assert.Contains("Hailstorms until midnight.", recalled, StringComparison.Ordinal);
    }

    // The question has no word of the fact, but means it.
    [Fact]
    public async Task GetResponseAsync_EmbeddingGenerator_FindsWhatTheQuestionMeans()
    {
        using WordVectors generator = new(["zqxr", "ptmo"]);
        KvNormChatOptions options = TinyOptions();
        options.EmbeddingGenerator = generator;
        using KvNormChatClient client = KvNormChatClient.Create(options);
        string recalled = "";
        for (int i = 0; i < 144 && recalled.Length == 0; i++) // vectors are made in the background
        {
            // Begun anew each time: a request without the vector must not leave the fact where the next one finds it held.
            string beginning = $"{(char)('a' + (i / 12))}{(char)('a' + (i % 12))}. ";
            await client.GetResponseAsync([User(beginning + "zqxr vswy. " + Letters(500)), Assistant("abc."), User("ptmo")], Greedy(1));
            recalled = string.Concat(client.GetRetention().Where(static token => token.IsRecalled).Select(static token => token.Text));
        }

        Assert.Contains("zqxr vswy.", recalled, StringComparison.Ordinal);
        string[] texts = [.. generator.Requests.SelectMany(static texts => texts)];
        Assert.Contains(texts, static text => text == "ptmo");
        Assert.Single(texts, static text => text == "zqxr vswy."); // once, however often it was asked for
    }

    [Fact]
    public async Task GetResponseAsync_EmbeddingGeneratorThrows_FindsByWordsAndWarnsOnce()
    {
        using WordVectors generator = new() { Before = static _ => throw new HttpRequestException("nobody there") };
        RecordingLogger logger = new();
        using SingleLoggerFactory loggers = new(logger);
        KvNormChatOptions options = TinyOptions();
        options.EmbeddingGenerator = generator;
        using KvNormChatClient client = KvNormChatClient.Create(options, loggers);
        ChatMessage[] told = [User("zqxr vswy. " + Letters(500)), Assistant("abc."), User("zqxr vswy")];
        for (int i = 0; i < 2; i++)
        {
            ChatResponse response = await client.GetResponseAsync(told, Greedy(4));
            Assert.True(client.Statistics.Recalls > 0);
            Assert.NotEmpty(response.Text);
            told = [.. told, Assistant("abc."), User("def. " + Letters(300)), Assistant("abc."), User("zqxr vswy")];
        }

        Assert.NotEmpty(generator.Requests);
        Assert.Single(logger.Warnings);
    }

    [Fact]
    public async Task GetResponseAsync_NothingEvicted_AsksNoEmbeddingGenerator()
    {
        using WordVectors generator = new();
        KvNormChatOptions options = TinyOptions();
        options.EmbeddingGenerator = generator;
        using KvNormChatClient client = KvNormChatClient.Create(options);
        await client.GetResponseAsync([User("zqxr vswy")], Greedy(4));
        Assert.Empty(generator.Requests);
    }

    // A model whose cells leave as a whole: what is asked for is read again, and is no part of the conversation.
    [Fact]
    public async Task GetResponseAsync_WholeCells_ReadsAgainWhatTheQuestionAsksFor()
    {
        KvNormChatOptions options = TinyOptions();
        options.ModelPath = TinyModel.Write(TinyModelSettings.Of("qwen2vl"));
        using KvNormChatClient client = KvNormChatClient.Create(options);
        List<ChatMessage> messages = [User("zqxr vswy. " + Letters(500))];
        messages.AddRange((await client.GetResponseAsync(messages, Greedy())).Messages);
        for (int round = 0; round < 2; round++)
        {
            messages.Add(User("zqxr vswy"));
            long seen = client.Statistics.TokensSeen;
            ChatResponse response = await client.GetResponseAsync(messages, Greedy());
            UsageDetails usage = response.Usage!;
            long recalled = usage.AdditionalCounts![KvNormUsage.RecalledTokens];
            Assert.InRange(recalled, 9, 256 / 6);
            Assert.Equal(
                usage.InputTokenCount - usage.CachedInputTokenCount + usage.OutputTokenCount - 1 + recalled,
                client.Statistics.TokensSeen - seen);
            Assert.Equal(usage.InputTokenCount + usage.OutputTokenCount - 1, client.Statistics.LogicalTokens);
            Assert.Contains(client.GetRetention(), static token => token is { Text: "z", Held: 1, IsRecalled: true });
            messages.AddRange(response.Messages);
        }
    }

    // What was said first goes for sure.
    private static KvNormChatOptions TinyOptions()
    {
        KvNormChatOptions options = Options(256);
        (options.ModelPath, options.Policy) = (TinyModel.Write(null), EvictionPolicy.Named("recency"));
        return options;
    }

    // Sentences of the letters a to l, one token each.
    private static string Letters(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(static i => i % 10 == 9 ? '.' : (char)('a' + (i * i % 7) + (i % 5))));

    private sealed class Watched(Action asked) : KeyScorer
    {
        public override void Score(in HeadRows rows, Span<float> scores)
        {
            asked();
            for (int row = 0; row < scores.Length; row++)
                scores[row] = rows.Tokens[row] % 7;
        }
    }
}
