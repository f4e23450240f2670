using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.Runtime;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>Conversations that the client keeps by ChatOptions.ConversationId, saves and loads.</summary>
public sealed class KvNormChatClientConversationTests : IDisposable
{
    private const string Id = "talk";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task GetResponseAsync_ConversationId_GoesOnWithoutTheHistory()
    {
        using KvNormChatClient client = Tiny(), whole = Tiny();
        List<ChatMessage> history = [];
        foreach (string text in new[] { "hello", "and you?", "why?" })
        {
            history.Add(User(text));
            ChatResponse expected = await whole.GetResponseAsync(history, Greedy());
            ChatResponse actual = await client.GetResponseAsync([User(text)], Named());
            Assert.Equal(expected.Text, actual.Text);
            Assert.Equal(Id, actual.ConversationId);
            Assert.Null(expected.ConversationId);
            Assert.Equal(expected.Usage!.CachedInputTokenCount, actual.Usage!.CachedInputTokenCount);
            history.AddRange(expected.Messages);
        }
    }

    [Fact]
    public async Task GetResponseAsync_WholeConversation_TakesThePlaceOfWhatWasKept()
    {
        using KvNormChatClient client = Tiny();
        ChatOptions options = Named();
        options.AdditionalProperties = new AdditionalPropertiesDictionary { [KvNormRequest.WholeConversation] = true };
        List<ChatMessage> history = [];
        foreach (string text in new[] { "hello", "and you?" })
        {
            history.Add(User(text));
            ChatResponse response = await client.GetResponseAsync(history, options);
            Assert.Null(response.ConversationId);
            history.AddRange(response.Messages);
        }

        Assert.Equal(2, client.GetConversation(Id)!.Statistics!.Requests);
        IReadOnlyList<ChatMessage> kept = await CopyAsync(client, client);
        Assert.Equal(history.Select(static one => one.Text), kept.Select(static one => one.Text), StringComparer.Ordinal);
    }

    [Fact]
    public async Task GetResponseAsync_TwoCallsOfOneConversationAtOnce_AreAnsweredOneAfterTheOther()
    {
        using KvNormChatClient client = Create(slots: 2);
        await Task.WhenAll(client.GetResponseAsync([User("one")], Named()), client.GetResponseAsync([User("two")], Named()));
        using MemoryStream saved = new();
        await client.SaveConversationAsync(Id, saved);
        saved.Position = 0;
        Assert.Equal(4, (await client.LoadConversationAsync("copy", saved)).Count);
    }

    [Fact]
    public async Task GetResponseAsync_CallThatFailsOrIsBrokenOff_LeavesTheConversationAsItWas()
    {
        using KvNormChatClient client = Tiny();
        await client.GetResponseAsync([User("hello")], Named());
        await Assert.ThrowsAsync<NotSupportedException>(
            () => client.GetResponseAsync([new ChatMessage(ChatRole.User, [new DataContent(new byte[1], "image/png")])], Named()));
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync([User("never mind")], Named()))
            break;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.GetResponseAsync([User("stop")], Named(), new CancellationToken(canceled: true)));
        Assert.Equal(2, (await CopyAsync(client, client)).Count);
        Assert.NotEmpty((await client.GetResponseAsync([User("go on")], Named())).Text);
    }

    [Theory]
    [InlineData(4, 1, 1)]    // nothing evicted
    [InlineData(4, 1, 3)]    // into a client with more slots
    [InlineData(4, 3, 1)]
    [InlineData(100, 1, 1)]  // evicted
    [InlineData(100, 2, 4)]
    public async Task LoadConversationAsync_InAnotherClient_GoesOnAsIfItHadNeverLeft(int sentences, int slots, int otherSlots)
    {
        using KvNormChatClient client = Create(slots), other = Create(otherSlots);
        await client.GetResponseAsync([Instruct("Be brief."), User(Prose(sentences))], Named());
        await client.GetResponseAsync([User("and?")], Named());
        Assert.Equal(sentences > 50, client.Statistics.Evictions > 0);
        IReadOnlyList<ChatMessage> messages = await CopyAsync(client, other);
        Assert.Equal(
            [ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.User, ChatRole.Assistant],
            messages.Select(static message => message.Role));

        ChatResponse expected = await client.GetResponseAsync([User("why?")], Named()),
            actual = await other.GetResponseAsync([User("why?")], Named());
        Assert.Equal(expected.Text, actual.Text);
        Assert.Equal(expected.Usage!.CachedInputTokenCount, actual.Usage!.CachedInputTokenCount);
        Assert.InRange(other.Statistics.TokensSeen, 1, 60);
    }

    // What was evicted comes with it where the application wants that, and is recalled in the other process.
    [Theory]
    [InlineData(true, true, 1)]
    [InlineData(true, true, 2)]
    [InlineData(false, true, 1)]
    [InlineData(true, false, 1)]
    public async Task LoadConversationAsync_WithItsArchive_RecallsWhatWasEvicted(bool saves, bool recalls, int otherSlots)
    {
        using KvNormChatClient client = Recalling(1, saves, recall: true), other = Recalling(otherSlots, saves: false, recalls);
        await client.GetResponseAsync([User("zqxr vswy. " + string.Concat(Enumerable.Repeat("abcdefghi. ", 70)))], Named());
        long archived = client.Statistics.ArchivedTokens;
        byte[] file = await SaveAsync(client);
        await other.LoadConversationAsync(Id, new MemoryStream(file));
        Assert.True(archived > 500);
        Assert.Equal(saves && recalls ? archived : 0, other.Statistics.ArchivedTokens);
        ChatResponse expected = await client.GetResponseAsync([User("zqxr vswy")], Named()),
            actual = await other.GetResponseAsync([User("zqxr vswy")], Named());
        Assert.True(expected.Usage!.AdditionalCounts![KvNormUsage.RecalledTokens] > 0);
        long recalled = actual.Usage!.AdditionalCounts![KvNormUsage.RecalledTokens];
        Assert.Equal(saves && recalls ? expected.Usage.AdditionalCounts[KvNormUsage.RecalledTokens] : 0, recalled);
        if (saves && recalls)
            Assert.Equal(expected.Text, actual.Text);
    }

    [Fact]
    public async Task LoadConversationAsync_ArchiveOfAConversationThatWentBack_IsTaken()
    {
        using KvNormChatClient client = Recalling(1, saves: true, recall: true), other = Recalling(1, saves: false, recall: true);
        ChatMessage told = User("abc " + string.Concat(Enumerable.Repeat("abcdefghi. ", 70)));
        await client.GetResponseAsync([told], Greedy(1));
        await client.GetResponseAsync([User("abc zqxr vswy")], Named()); // goes back to what all heads hold
        Assert.True(client.Statistics.ArchivedTokens > 0);
        await other.LoadConversationAsync(Id, new MemoryStream(await SaveAsync(client)));
        Assert.Equal(client.Statistics.ArchivedTokens, other.Statistics.ArchivedTokens);
    }

    [Fact]
    public async Task LoadConversationAsync_ArchiveChangedAndSummedUpAgain_IsRefusedOrHarmless()
    {
        using KvNormChatClient client = Recalling(1, saves: true, recall: true);
        await client.GetResponseAsync([User("zqxr vswy. " + string.Concat(Enumerable.Repeat("abcdefghi. ", 70)))], Named());
        byte[] file = await SaveAsync(client);
        int length = (int)System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(52 + 32));
        int archive = file.Length - 32 - length, record = (length - 4) / client.Statistics.ArchivedTokens;
        Random random = new(1);
        int refused = 0;
        for (int i = 0; i < 60; i++)
        {
            byte[] forged = [.. file];
            int at = random.Next(3) switch
            {
                0 => archive + random.Next(4),                                              // the first token
                1 => archive + 4 + (random.Next((length - 4) / record) * record) + random.Next(4), // a position
                _ => archive + random.Next(length),
            };
            forged[at] = (byte)random.Next(256);
            SumUp(forged);
            try
            {
                await LoadAsync(client, forged);
                ChatOptions loaded = new() { ConversationId = "loaded", Temperature = 0, MaxOutputTokens = 1 };
                await client.GetResponseAsync([User("zqxr vswy")], loaded);
            }
            catch (ConversationFileException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 59);
        Assert.NotEmpty((await client.GetResponseAsync([User("again")], Greedy(4))).Text);
    }

    [Fact]
    public async Task LoadConversationAsync_IntoASmallerCache_IsReadAgain()
    {
        using KvNormChatClient client = Tiny(1024), other = Tiny(256);
        await client.GetResponseAsync([User(Prose(12))], Named());
        await CopyAsync(client, other);
        Assert.NotEmpty((await other.GetResponseAsync([User("why?")], Named())).Text);
        Assert.True(other.Statistics.TokensSeen > 400);
    }

    [Fact]
    public async Task LoadConversationAsync_SlidingWindow_IsReadAgain()
    {
        using KvNormChatClient client = Tiny(settings: new TinyModelSettings { Architecture = "gemma3" }),
            other = Tiny(settings: new TinyModelSettings { Architecture = "gemma3" });
        await client.GetResponseAsync([User(Prose(2))], Named());
        await CopyAsync(client, other);
        ChatResponse expected = await client.GetResponseAsync([User("why?")], Named()),
            actual = await other.GetResponseAsync([User("why?")], Named());
        Assert.Equal(0, actual.Usage!.CachedInputTokenCount);
        Assert.Equal(expected.Text, actual.Text);
    }

    [Fact]
    public async Task SaveConversationAsync_AfterOthersTookItsSlot_SavesTheMessages()
    {
        using KvNormChatClient client = Tiny(), other = Tiny();
        await client.GetResponseAsync([User("hello")], Named());
        await client.AnswerAsync([User(Prose(3))]);
        Assert.Equal(2, (await CopyAsync(client, other)).Count);
        Assert.Equal(0, (await other.GetResponseAsync([User("why?")], Named())).Usage!.CachedInputTokenCount);
    }

    [Fact]
    public async Task LoadConversationAsync_CallsAndResults_ComeBack()
    {
        using KvNormChatClient client = Tiny(), other = Tiny();
        ChatMessage[] said =
        [
            User("What is the weather?"),
            new(
                ChatRole.Assistant,
                [new FunctionCallContent("1", "weather", new Dictionary<string, object?>(StringComparer.Ordinal) { ["city"] = "Oslo" })]),
            new(ChatRole.Tool, [new FunctionResultContent("1", "rain")]),
        ];
        await client.GetResponseAsync(said, Named());
        IReadOnlyList<ChatMessage> messages = await CopyAsync(client, other);
        Assert.Equal("weather", Assert.IsType<FunctionCallContent>(messages[1].Contents.Single()).Name);
        ChatResponse expected = await client.GetResponseAsync([User("Sure?")], Named()),
            actual = await other.GetResponseAsync([User("Sure?")], Named());
        Assert.Equal((expected.Text, expected.Usage!.CachedInputTokenCount), (actual.Text, actual.Usage!.CachedInputTokenCount));
    }

    [Fact]
    public async Task LoadConversationAsync_OfAnotherModel_IsRefusedAndNothingChanges()
    {
        using KvNormChatClient client = Tiny(settings: new TinyModelSettings { Seed = 2 }), other = Tiny();
        await client.GetResponseAsync([User("hello")], Named());
        await other.GetResponseAsync([User("something else")], Named());
        int tokens = other.Statistics.LogicalTokens;
        ConversationFileException e = await Assert.ThrowsAsync<ConversationFileException>(() => CopyAsync(client, other));
        Assert.Contains("another model", e.Message, StringComparison.Ordinal);
        Assert.Equal(tokens, other.Statistics.LogicalTokens);
        Assert.Equal(2, (await CopyAsync(other, other)).Count);
    }

    // Whoever writes a file can write its checksum, too.
    [Fact]
    public async Task LoadConversationAsync_AnythingChangedAndSummedUpAgain_IsRefusedOrHarmless()
    {
        using KvNormChatClient client = Tiny();
        await client.GetResponseAsync([User(Prose(12))], Named());
        await client.GetResponseAsync([User("why?")], Named());
        byte[] file = await SaveAsync(client);
        Random random = new(1);
        int refused = 0;
        for (int i = 0; i < 300; i++)
        {
            byte[] forged = [.. file];
            int at = random.Next(2) == 0 ? random.Next(44, forged.Length - 32) : random.Next(44, Math.Min(20_000, forged.Length - 32));
            forged[at] = (byte)random.Next(256);
            SumUp(forged);
            try
            {
                await LoadAsync(client, forged);
            }
            catch (ConversationFileException)
            {
                refused++;
            }

            KvCacheStatistics now = client.Statistics;
            Assert.InRange(now.Cells, 0, now.Capacity);
        }

        Assert.InRange(refused, 1, 299);
        Assert.NotEmpty((await client.GetResponseAsync([User("again")], Greedy(4))).Text);
    }

    [Fact]
    public async Task SaveConversationAsync_AfterAStoppedAnswer_HasTheRowsOfWhatIsKept()
    {
        using KvNormChatClient client = Tiny(), other = Tiny();
        await client.GetResponseAsync([User(Prose(4))], Named());
        await using (IAsyncEnumerator<ChatResponseUpdate> stopped =
            client.GetStreamingResponseAsync([User("more")], Named()).GetAsyncEnumerator())
        {
            Assert.True(await stopped.MoveNextAsync());
        }

        int kept = client.GetRetention(Id).Count, held = client.Statistics.Cells;
        Assert.Equal(2, (await CopyAsync(client, other)).Count);
        Assert.Equal(held, client.Statistics.Cells); // what came behind it may be gone on with
        Assert.InRange(other.Statistics.Cells, 40, kept);
        ChatResponse next = await other.GetResponseAsync([User("why?")], Named());
        Assert.InRange(next.Usage!.CachedInputTokenCount!.Value, 40, kept);
        Assert.NotEmpty((await client.GetResponseAsync([User("why?")], Named())).Text);
    }

    [Fact]
    public async Task SaveConversationAsync_ToAFile_IsLoadedFromIt()
    {
        using KvNormChatClient client = Tiny(), other = Tiny();
        string path = Path.Combine(_folder.Path, "talk.kvnorm");
        await client.GetResponseAsync([User("hello")], Named());
        await client.SaveConversationAsync(Id, path);
        await client.GetResponseAsync([User("more")], Named());
        await client.SaveConversationAsync(Id, path);
        Assert.Equal(4, (await other.LoadConversationAsync(Id, path)).Count);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.SaveConversationAsync(Id, path, new CancellationToken(canceled: true)));
        Assert.Equal(4, (await other.LoadConversationAsync(Id, path)).Count);
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task SaveConversationAsync_NoSuchConversation_SaysSo()
    {
        using KvNormChatClient client = Tiny();
        Assert.Contains(
            "'nobody'",
            (await Assert.ThrowsAsync<ArgumentException>(() => client.SaveConversationAsync("nobody", Stream.Null))).Message,
            StringComparison.Ordinal);
        await client.GetResponseAsync([User("hello")], Named());
        Assert.True(client.RemoveConversation(Id));
        Assert.False(client.RemoveConversation(Id));
        await Assert.ThrowsAsync<ArgumentException>(() => client.SaveConversationAsync(Id, Stream.Null));
        Assert.Equal(2, await MessagesAfterAsync(client));
    }

    [Fact]
    public async Task LoadConversationAsync_WhileEverySlotIsBusy_IsParkedOrReadAgain()
    {
        using KvNormChatClient client = Create(1, parkedBytes: 1 << 24);
        await client.GetResponseAsync([User(Prose(3))], Named());
        byte[] file = await SaveAsync(client);
        Task<string> busy = client.AnswerAsync([User(Prose(4, 2))], 300);
        await LoadAsync(client, file);
        await busy;
        ChatResponse next = await client.GetResponseAsync(
            [User("why?")], new ChatOptions { ConversationId = "loaded", Temperature = 0, MaxOutputTokens = 4 });
        Assert.True(next.Usage!.CachedInputTokenCount > 100);
    }

    public void Dispose() => _folder.Dispose();

    private static KvNormChatClient Create(int slots, long parkedBytes = 0)
    {
        KvNormChatOptions options = Options(512 * slots);
        options.ModelPath = TinyModel.Write(null);
        (options.Slots, options.ParkedBytes) = (slots, parkedBytes);
        options.Recall = false; // what was evicted is not in this saved file, so a loaded conversation recalls less
        return KvNormChatClient.Create(options);
    }

    private static KvNormChatClient Recalling(int slots, bool saves, bool recall)
    {
        KvNormChatOptions options = Options(256 * slots);
        (options.ModelPath, options.Slots, options.Policy) = (TinyModel.Write(null), slots, EvictionPolicy.Named("recency"));
        (options.Recall, options.SaveArchive) = (recall, saves);
        return KvNormChatClient.Create(options);
    }

    private static ChatOptions Named() => new() { ConversationId = Id, Temperature = 0, MaxOutputTokens = 12 };

    private static async Task<byte[]> SaveAsync(KvNormChatClient client)
    {
        using MemoryStream saved = new();
        await client.SaveConversationAsync(Id, saved);
        return saved.ToArray();
    }

    private static Task<IReadOnlyList<ChatMessage>> LoadAsync(KvNormChatClient client, byte[] file) =>
        client.LoadConversationAsync("loaded", new MemoryStream(file));

    private static async Task<IReadOnlyList<ChatMessage>> CopyAsync(KvNormChatClient from, KvNormChatClient to) =>
        await to.LoadConversationAsync(Id, new MemoryStream(await SaveAsync(from)));

    private static async Task<int> MessagesAfterAsync(KvNormChatClient client)
    {
        await client.GetResponseAsync([User("hello")], Named());
        return (await CopyAsync(client, client)).Count;
    }

    private static void SumUp(byte[] file) =>
        System.Security.Cryptography.SHA256.HashData(file.AsSpan(0, file.Length - 32)).CopyTo(file, file.Length - 32);
}
