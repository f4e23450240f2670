using KvNorm.Tests.Gguf;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>What is shown of a conversation kept by name is never another's.</summary>
public sealed class KvNormChatClientRetentionTests
{
    private const string Id = "talk";

    [Fact]
    public async Task LoadConversationAsync_InPlaceOfAnother_IsNotDescribedByItsSlot()
    {
        using KvNormChatClient client = Tiny();
        KvNormChatOptions options = Options(512);
        options.ModelPath = TinyModel.Write(null);
        options.Policy = options.Policy with { Granularity = EvictionGranularity.All };
        using KvNormChatClient other = KvNormChatClient.Create(options);
        await client.GetResponseAsync([User("the secret of the first one")], Named());
        await other.GetResponseAsync([User("hello")], Named());
        using MemoryStream saved = new();
        await other.SaveConversationAsync(Id, saved);
        saved.Position = 0;
        int expected = other.GetRetention(Id).Count;
        await client.LoadConversationAsync(Id, saved);
        Assert.DoesNotContain("secret", Shown(client), StringComparison.Ordinal);
        Assert.InRange(client.GetRetention(Id).Count, expected, expected + 1);
    }

    [Fact]
    public async Task GetRetention_RemovedAndBegunAgain_ShowsNothingOfWhatWasRemoved()
    {
        using KvNormChatClient client = Tiny();
        await client.GetResponseAsync([User("the secret of the first one")], Named());
        client.RemoveConversation(Id);
        using ManualResetEventSlim begun = new(), release = new();
        Task<ChatResponse> again = Task.Run(() => client.GetResponseAsync(Slow(), Named()));
        begun.Wait();
        Assert.NotNull(client.GetConversation(Id));
        string text = Shown(client);
        release.Set();
        await again;
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);

        IEnumerable<ChatMessage> Slow()
        {
            begun.Set();
            release.Wait();
            yield return User("hello");
        }
    }

    [Fact]
    public async Task GetRetention_SlotChangesHands_ShowsNothingOfTheOther()
    {
        Action? hook = null;
        KvNormChatOptions options = Options(512);
        options.ModelPath = TinyModel.Write(null);
        options.ParkedBytes = 1 << 26;
        options.Policy = EvictionPolicy.Custom("hooked", _ => new Hooked(() => hook?.Invoke()));
        using KvNormChatClient client = KvNormChatClient.Create(options);
        string filler = Prose(3);
        ChatMessage[] history = [User("the secret of b " + filler), new(ChatRole.Assistant, "I see " + filler), User("go on")];
        await client.GetResponseAsync(history, Greedy());
        await client.GetResponseAsync([User("hello")], Named());
        Assert.Equal(1, client.Statistics.ParkedConversations);
        List<string> seen = [];
        hook = () => seen.Add(Shown(client));
        await client.GetResponseAsync([.. history[..2], User("something else")], Greedy());
        Assert.DoesNotContain(seen, static text => text.Contains("secret", StringComparison.Ordinal));
    }

    private static string Shown(KvNormChatClient client) => string.Concat(client.GetRetention(Id).Select(static token => token.Text));

    private static ChatOptions Named()
    {
        ChatOptions options = Greedy();
        options.ConversationId = Id;
        return options;
    }

    private sealed class Hooked(Action hook) : KeyScorer
    {
        public override void Score(in HeadRows rows, Span<float> scores) => scores.Clear();

        public override void Reset() => hook();
    }
}
