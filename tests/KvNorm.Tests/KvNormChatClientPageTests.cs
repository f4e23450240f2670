using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>What an application can show of a client on a page of its own, and the bounds of what it keeps.</summary>
public sealed class KvNormChatClientPageTests
{
    [Fact]
    public async Task GetConversations_NamedAndUnnamed_SayWhereTheyAre()
    {
        DateTimeOffset start = DateTimeOffset.UtcNow;
        using KvNormChatClient client = Create(options => options.Slots = 2);
        Assert.Empty(client.GetConversations());
        ChatResponse first = await client.GetResponseAsync([User("one")], Named("a"));
        ChatResponse second = await client.GetResponseAsync([User("two")], Named("a"));
        ChatResponse third = await client.GetResponseAsync([User("without a name")], Greedy(12));
        string unnamed = Id(third);

        KvNormConversation[] all = [.. client.GetConversations()];
        Assert.Equal(["a", unnamed], all.Select(static conversation => conversation.ConversationId), StringComparer.Ordinal);
        Assert.Equal(("a", "a"), (Id(first), Id(second)));
        Assert.Equal([true, false], all.Select(static conversation => conversation.IsNamed));
        Assert.Equal([0, 1], all.Select(static conversation => conversation.Slot!.Value).Order());
        Assert.Equal(client.Statistics.LogicalTokens, all.Sum(static conversation => conversation.LogicalTokens));
        Assert.Equal(client.Statistics.Cells, all.Sum(static conversation => conversation.Cells));
        Assert.All(all, conversation => Assert.InRange(conversation.LastUse!.Value, start, DateTimeOffset.UtcNow));
        KvNormConversationStatistics statistics = all[0].Statistics!;
        Assert.Equal(2, statistics.Requests);
        Assert.Equal(first.Usage!.InputTokenCount + second.Usage!.InputTokenCount, statistics.InputTokens);
        Assert.Equal(first.Usage.OutputTokenCount + second.Usage.OutputTokenCount, statistics.OutputTokens);
        Assert.Equal(second.Usage.CachedInputTokenCount, statistics.CachedInputTokens);
        Assert.Equal((all[0], all[1]), (client.GetConversation("a"), client.GetConversation(unnamed)));
        Assert.All(all, static conversation => Assert.True(conversation.TokensPerSecond > 0));
        Assert.Contains("without a name", Text(client.GetRetention(unnamed)), StringComparison.Ordinal);
        Assert.Null(client.GetConversation("b"));
    }

    [Theory]
    [InlineData(1L << 24, true)]
    [InlineData(0L, false)]
    public async Task GetConversation_Unnamed_IsFoundByTheSameIdForAsLongAsItIsHeld(long parkedBytes, bool isParked)
    {
        using KvNormChatClient client = Create(options => options.ParkedBytes = parkedBytes);
        List<ChatMessage> talk = [User("first words of one conversation")];
        ChatResponse first = await client.GetResponseAsync(talk, Greedy(4));
        talk.AddRange([.. first.Messages, User("and more of it")]);
        Assert.Equal(Id(first), Id(await client.GetResponseAsync(talk, Greedy(4))));

        ChatResponse other = await client.GetResponseAsync([User(Prose(3))], Greedy(4));
        Assert.NotEqual(Id(first), Id(other), StringComparer.Ordinal);
        Assert.Equal(isParked, client.GetConversation(Id(first))?.IsParked == true);
        if (isParked)
            Assert.Contains("and more of it", Text(client.GetRetention(Id(first))), StringComparison.Ordinal);
        else
            Assert.Throws<ArgumentException>(() => client.GetRetention(Id(first)));
        Assert.Equal(isParked, Id(first) == Id(await client.GetResponseAsync(talk, Greedy(4)))); // back in its slot
        Assert.Equal(isParked ? 2 : 1, client.GetConversations().Count);
    }

    [Fact]
    public async Task GetConversation_UnnamedThatBeginsLikeAnother_HasAnIdOfItsOwn()
    {
        using KvNormChatClient client = Create(options => options.Slots = 2);
        ChatMessage system = new(ChatRole.System, Prose(2));
        string[] ids = new string[2];
        for (int index = 0; index < 2; index++)
            ids[index] = Id(await client.GetResponseAsync([system, User($"{index}. {Prose(1)}")], Greedy(4)));
        Assert.NotEqual(ids[0], ids[1], StringComparer.Ordinal);
        for (int index = 0; index < 2; index++)
            Assert.Contains($"{index}. ", Text(client.GetRetention(ids[index])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a")]
    [InlineData(null)]
    public async Task RemoveConversation_Held_NobodyFindsWhatIsLeft(string? name)
    {
        using KvNormChatClient client = Create();
        ChatMessage[] talk = [User("one")];
        ChatOptions options = Greedy(4);
        options.ConversationId = name;
        string id = Id(await client.GetResponseAsync(talk, options));
        Assert.True(client.RemoveConversation(id));
        Assert.False(client.RemoveConversation(id));
        Assert.Null(client.GetConversation(id));
        Assert.Throws<ArgumentException>(() => client.GetRetention(id));
        Assert.Throws<ArgumentException>(() => client.GetEvents(id));
        Assert.Null(Assert.Single(client.GetConversations()).ConversationId); // its cells are taken until their place is needed
        ChatResponse again = await client.GetResponseAsync(talk, Greedy(4));
        Assert.True(again.Usage!.CachedInputTokenCount > 0);
        Assert.NotEqual(id, Id(again), StringComparer.Ordinal);
    }

    [Fact]
    public async Task RemoveConversation_ItsFirstRequestWaits_NobodyFindsItAfterwards()
    {
        using KvNormChatClient client = Create();
        IAsyncEnumerator<ChatResponseUpdate> busy = client.GetStreamingResponseAsync([User("one")], Greedy(200)).GetAsyncEnumerator();
        Assert.True(await busy.MoveNextAsync());
        Task<ChatResponse> waiting = client.GetResponseAsync([User("My secret is 42.")], Named("a"));
        while (client.GetConversation("a") is null)
            await Task.Yield();
        Assert.True(client.RemoveConversation("a"));
        await busy.DisposeAsync();
        Assert.NotEmpty((await waiting).Text);
        Assert.Null(client.GetConversation("a"));
        Assert.Throws<ArgumentException>(() => client.GetRetention("a"));
    }

    [Theory]
    [InlineData("a")]
    [InlineData(null)]
    public async Task GetEvents_AnswerIsStopped_TellsWhatHappenedUntilThen(string? name)
    {
        using KvNormChatClient client = Create();
        ChatOptions options = Greedy(100_000);
        options.ConversationId = name;
        await using IAsyncEnumerator<ChatResponseUpdate> answer =
            client.GetStreamingResponseAsync([User(Prose(40))], options).GetAsyncEnumerator();
        Assert.True(await answer.MoveNextAsync());
        string id = (string)answer.Current.AdditionalProperties![KvNormUsage.ConversationId]!;
        KvCacheEvent[] during = [.. client.GetEvents(id)];
        Assert.NotEmpty(during);
        Assert.All(during, static one => Assert.True(one is { EvictedRows: > 0, RecalledPassages: 0, Milliseconds: > 0 }));
        Assert.Equal(client.Statistics.EvictedRows, during.Sum(static one => one.EvictedRows));
        await answer.DisposeAsync();
        Assert.Equal(during, client.GetEvents(id).Take(during.Length));
        Assert.Equal(client.Statistics.Evictions, client.GetEvents(id).Count);
        options.MaxOutputTokens = 2;
        Assert.Equal(id, Id(await client.GetResponseAsync([User(Prose(40))], options))); // which goes on with what was read
        Assert.Equal(during, client.GetEvents(id).Take(during.Length));
    }

    [Theory]
    [InlineData(1L << 24, true)]
    [InlineData(0L, false)]
    public async Task GetConversation_ThatLeftItsSlot_IsParkedOrNotHeld(long parkedBytes, bool isParked)
    {
        using KvNormChatClient client = Create(options => options.ParkedBytes = parkedBytes);
        await client.GetResponseAsync([User("one")], Named("a"));
        int tokens = client.GetConversation("a")!.LogicalTokens;
        await client.AnswerAsync([User(Prose(3))]);
        KvNormConversation gone = client.GetConversation("a")!;
        Assert.Equal((null, isParked, isParked), (gone.Slot, gone.IsParked, gone.Cells > 0));
        Assert.InRange(gone.LogicalTokens, tokens, tokens + 1); // the last token of an answer is not decoded
        Assert.All(client.GetRetention("a"), token => Assert.Equal(isParked ? 1f : 0f, token.Held));
        Assert.Equal(2, client.GetConversations().Count);
    }

    [Fact]
    public async Task GetConversations_WhileTheFirstAnswerIsWritten_NamesItsSlot()
    {
        using KvNormChatClient client = Create();
        await using IAsyncEnumerator<ChatResponseUpdate> stream = client.GetStreamingResponseAsync([User("one")], Named("a", 200))
            .GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        Assert.Equal(("a", 0), (Assert.Single(client.GetConversations()).ConversationId, client.GetConversation("a")!.Slot));
    }

    [Fact]
    public async Task GetRetention_ByName_IsThatConversations()
    {
        using KvNormChatClient client = Create(options => options.Slots = 2);
        await client.GetResponseAsync([User("first words")], Named("a"));
        await client.GetResponseAsync([User("second words")], Named("b"));
        Assert.Contains("first words", Text(client.GetRetention("a")), StringComparison.Ordinal);
        Assert.Contains("second words", Text(client.GetRetention("b")), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => client.GetRetention("c"));
    }

    [Fact]
    public async Task LoadConversationAsync_IntoASlot_IsListedThere()
    {
        using KvNormChatClient client = Create(), other = Create();
        await client.GetResponseAsync([User("one")], Named("a"));
        using MemoryStream saved = new();
        await client.SaveConversationAsync("a", saved);
        saved.Position = 0;
        await other.LoadConversationAsync("loaded", saved);
        KvNormConversation loaded = Assert.Single(other.GetConversations());
        Assert.Equal(("loaded", 0), (loaded.ConversationId, loaded.Slot));
        Assert.Equal(client.GetConversation("a")!.Cells, loaded.Cells);
    }

    [Fact]
    public async Task MaximumConversations_OneTooMany_TheOldestBeginsAnew()
    {
        using KvNormChatClient client = Create(options => options.MaximumConversations = 2);
        foreach (string id in new[] { "a", "b", "c" })
            await client.GetResponseAsync([User("hello")], Named(id));
        Assert.Null(client.GetConversation("a"));
        await client.GetResponseAsync([User("hello")], Named("a"));
        Assert.Equal(1, client.GetConversation("a")!.Statistics!.Requests);
        Assert.NotNull(client.GetConversation("c"));
    }

    [Fact]
    public async Task ConversationTimeout_StreamLeftAlone_OthersAreToldWhy()
    {
        using KvNormChatClient client = Create(options => options.ConversationTimeout = TimeSpan.FromMilliseconds(20));
        IAsyncEnumerator<ChatResponseUpdate> left = client.GetStreamingResponseAsync([User("one")], Named("a", 500)).GetAsyncEnumerator();
        Assert.True(await left.MoveNextAsync());
        TimeoutException e = await Assert.ThrowsAsync<TimeoutException>(() => client.GetResponseAsync([User("two")], Named("a")));
        Assert.Contains("neither read to its end nor disposed", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TimeoutException>(() => client.SaveConversationAsync("a", Stream.Null));
        Assert.NotEmpty((await client.GetResponseAsync([User("three")], Named("b"))).Text);
        await left.DisposeAsync();
        Assert.NotEmpty((await client.GetResponseAsync([User("four")], Named("a"))).Text);
    }

    [Fact]
    public async Task Dispose_WhileARequestWaitsForItsTurn_EndsTheWait()
    {
        KvNormChatClient client = Create();
        IAsyncEnumerator<ChatResponseUpdate> left = client.GetStreamingResponseAsync([User("one")], Named("a", 500)).GetAsyncEnumerator();
        Assert.True(await left.MoveNextAsync());
        Task<ChatResponse> waiting = client.GetResponseAsync([User("two")], Named("a"));
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await left.DisposeAsync();
    }

    [Fact]
    public void ModelFacts_AreThoseOfTheFile()
    {
        using KvNormChatClient client = Create();
        KvNormModelFacts facts = client.GetRequiredService<KvNormModelFacts>();
        Assert.Same(client.ModelFacts, facts);
        Assert.Equal(
            ("llama", 2, 32, 2048, 0), (facts.Architecture, facts.Layers, facts.KeyLength, facts.TrainedLength, facts.SlidingWindow));
        Assert.Equal([2, 2], facts.KeyValueHeads);
        Assert.Equal(client.Statistics.BytesPerCell, facts.BytesPerCell);
        Assert.Equal(client.GetRequiredService<ChatClientMetadata>().DefaultModelId, facts.Name);
        Assert.Equal((EvictionMechanism.RewriteRows, true), (facts.Mechanism, facts.MechanismReason.Length > 0));
        Assert.InRange(facts.Parameters, 1, facts.Bytes);
    }

    [Fact]
    public async Task GetResponseAsync_Figures_AreOnTheMessageAndOnTheResponse()
    {
        using KvNormChatClient client = Create();
        ChatResponse response = await client.GetResponseAsync([User("hello")], Greedy(3));
        foreach (string name in new[] { KvNormUsage.PrefillMilliseconds, KvNormUsage.DecodeMilliseconds, KvNormUsage.EvictionMilliseconds })
        {
            double figure = Assert.IsType<double>(response.AdditionalProperties![name]);
            Assert.Equal(figure, Assert.Single(response.Messages).AdditionalProperties![name]);
            Assert.Equal((long)figure, response.Usage!.AdditionalCounts![name]);
        }
    }

    private static KvNormChatClient Create(Action<KvNormChatOptions>? change = null)
    {
        KvNormChatOptions options = Options(512);
        options.ModelPath = TinyModel.Write();
        change?.Invoke(options);
        options.KvCacheBudget = KvCacheBudget.FromCells(512 * options.Slots);
        return KvNormChatClient.Create(options);
    }

    private static string Id(ChatResponse response) => (string)response.AdditionalProperties![KvNormUsage.ConversationId]!;

    private static string Text(IEnumerable<TokenRetention> tokens) => string.Concat(tokens.Select(static token => token.Text));

    private static ChatOptions Named(string id, int tokens = 12) =>
        new() { ConversationId = id, Temperature = 0, MaxOutputTokens = tokens };
}
