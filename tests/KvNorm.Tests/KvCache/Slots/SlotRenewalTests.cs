using System.Text.Json;
using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Slots;
using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.KvCache.Slots;

/// <summary>What happens where rows keep their positions and those that the model was trained for are used up.</summary>
public sealed class SlotRenewalTests
{
    private const int Cells = 128, Trained = 256;

    public static TheoryData<string, EvictionMechanism> Kinds => new()
    {
        { "llama", EvictionMechanism.RemoveCells },
        { "llama", EvictionMechanism.RewriteRowsKeepingPositions },
        { "gemma3", EvictionMechanism.RewriteRowsKeepingPositions },
        { "lfm2", EvictionMechanism.RemoveCells }, // whose state remembers what it read
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Prefill_PositionsUsedUp_GivesTheLogitsOfTheHeldTokensReadAlone(string name, EvictionMechanism mechanism)
    {
        using SlotFixture fixture = Fixture(name, mechanism), fresh = Fixture(name, mechanism);
        fixture.Slot.Pin(6, 0, 6, 6);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, Trained), logits: true);
        int read = fixture.Slot.Statistics.Evictions;
        Assert.Equal(0, fixture.Slot.Statistics.Renewals);
        fixture.Slot.Prefill(SlotFixture.Tokens(Trained, 10), logits: true);
        fixture.AssertConsistent();
        KvCacheStatistics statistics = fixture.Slot.Statistics;
        Assert.Equal((1, Trained + 10, Trained + 10), (statistics.Renewals, statistics.LogicalTokens, fixture.Slot.Conversation.Length));
        Assert.InRange(statistics.Evictions, read, read + 1);
        Assert.Equal(Trained + statistics.Cells, statistics.TokensSeen);
        Assert.Equal(statistics.Cells, fixture.Slot.Conversation.Ledger.NextPosition);
        Assert.Equal(SlotFixture.Tokens(0, Trained + 10), fixture.Slot.Retention().Tokens);

        float[] held = fixture.Slot.Retention().Held;
        Assert.All(held, static share => Assert.True(share is 0 or 1));
        Assert.All(held[..6], static share => Assert.Equal(1, share));
        fresh.Slot.Prefill([.. SlotFixture.Tokens(0, Trained + 10).Where((_, token) => held[token] == 1)], logits: true);
        Assert.Equal(fresh.Slot.Statistics.Cells, statistics.Cells);
        SlotMechanismTests.AssertSimilar(fresh.Logits(), fixture.Logits(), 0.005); // in other portions
    }

    // Positions begin anew again and again, with evictions and prompts taken up again between.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Resume_LongAfter_TakesTheConversationUp(string name, EvictionMechanism mechanism)
    {
        using SlotFixture fixture = Fixture(name, mechanism);
        int[] prompt = SlotFixture.Tokens(0, 900);
        for (int length = 100; length <= prompt.Length; length += 100)
        {
            int reused = fixture.Serve(prompt[..length], prefix: 6).Reused;
            Assert.Equal(length - 100, reused);
            fixture.AssertConsistent();
        }

        Assert.True(fixture.Slot.Statistics.Renewals >= 3);
        prompt[895]++;
        int again = fixture.Serve(prompt, prefix: 6).Reused;
        Assert.True(again is 895 or <= 6, $"{again} tokens were left"); // where the rest can be dropped, or from the start
        fixture.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Rollback_WhileItIsRead_IsReadAllTheSame(string name, EvictionMechanism mechanism)
    {
        using SlotFixture fixture = Fixture(name, mechanism), undisturbed = Fixture(name, mechanism);
        foreach (SlotFixture one in new[] { fixture, undisturbed })
            one.Slot.Prefill(SlotFixture.Tokens(0, Trained), logits: true);
        int[] next = SlotFixture.Tokens(Trained, 10);
        fixture.Pool.Context.Batch.Clear();
        Assert.Equal(0, fixture.Slot.Stage(next, 20, logits: true));
        Assert.True(fixture.Slot.StagesAgain);
        fixture.Slot.Rollback();
        Assert.False(fixture.Slot.StagesAgain);
        fixture.AssertConsistent();
        fixture.Slot.Prefill(next, logits: true);
        undisturbed.Slot.Prefill(next, logits: true);
        fixture.AssertConsistent();
        SlotMechanismTests.AssertSimilar(undisturbed.Logits(), fixture.Logits(), 0.005);
    }

    // One head alone holds the last token then: the others have earlier ones, which most of them hold.
    [Fact]
    public void Prefill_PositionsUsedUpAfterACut_LosesNoToken()
    {
        EvictionPolicy policy = EvictionPolicy.Custom("apart", static _ => new Apart());
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(Cells),
            new TinyModelSettings { ContextLength = Trained },
            policy,
            static probe => SlotMechanismTests.Forced(probe, EvictionMechanism.RewriteRowsKeepingPositions));
        fixture.Slot.Prefill(SlotFixture.Tokens(0, Trained - 6), logits: true);
        fixture.Slot.Evict(64);
        int[] prompt = [.. SlotFixture.Tokens(0, 220), .. SlotFixture.Tokens(500, 50)];
        (_, int reused) = fixture.Serve(prompt);
        Assert.Equal(220, reused);
        Assert.Equal(1, fixture.Slot.Statistics.Renewals);
        Assert.Equal(prompt, fixture.Slot.Retention().Tokens);
        fixture.AssertConsistent();
    }

    // A request that is cancelled while it is read leaves the part that was.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Resume_LeftWhileItIsRead_GoesOnFromThere(string name, EvictionMechanism mechanism)
    {
        using SlotFixture fixture = Fixture(name, mechanism);
        int[] prompt = SlotFixture.Tokens(0, Trained + 10);
        fixture.Slot.Prefill(prompt.AsSpan(0, Trained), logits: true);
        fixture.Pool.Context.Batch.Clear();
        fixture.Slot.Stage(prompt.AsSpan(Trained), 20, logits: true);
        fixture.Pool.Context.Decode();
        fixture.Slot.Commit([]);
        fixture.AssertConsistent();
        int length = fixture.Slot.Conversation.Length;
        Assert.InRange(length, 20, Trained - 1);
        Assert.Equal(length, fixture.Serve(prompt).Reused);
        Assert.False(fixture.Slot.ReadsAgain);
        Assert.Equal(prompt, fixture.Slot.Retention().Tokens);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Recall_AfterPositionsBeganAnew_FindsWhatWasEvicted()
    {
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(Cells),
            new TinyModelSettings { ContextLength = Trained },
            EvictionPolicy.Named("recency"),
            static probe => SlotMechanismTests.Forced(probe, EvictionMechanism.RemoveCells),
            archive: new ArchiveLimits(1 << 20));
        int[] fact = SlotRecallTests.Fact;
        fixture.Slot.Prefill([.. SlotRecallTests.Noise(1, 20), .. fact, .. SlotRecallTests.Noise(3, 640)], logits: true);
        Assert.Equal(0, fixture.Slot.Retention().Held[20]);
        fixture.Slot.Pin(0, 0, 0, 0);
        Assert.True(fixture.Slot.Statistics.Renewals > 0);
        Assert.InRange(fixture.Slot.Conversation.Ledger.NextPosition, 1, Trained - Cells - 20); // room for what is read again
        Assert.Equal(fact.Length, fixture.Slot.Recall(new(fact), 5).Tokens);
        fixture.Slot.Prefill(SlotFixture.Tokens(0, 5), logits: true);
        fixture.AssertConsistent();
    }

    [Theory]
    [InlineData("lfm2")]
    [InlineData("qwen2vl")]
    public async Task GetResponseAsync_LongAnswer_GoesOnPastTheTrainedLength(string architecture)
    {
        using KvNormChatClient client = TestClient.Tiny(Cells, TinyModelSettings.Of(architecture) with { ContextLength = Trained });
        ChatOptions options = TestClient.Greedy(2 * Trained);
        using JsonDocument text = JsonDocument.Parse("""{ "type": "string", "minLength": 1900 }"""); // or it might end soon
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(text.RootElement);
        ChatResponse response = await client.GetResponseAsync([User("hello")], options);
        UsageDetails usage = response.Usage!;
        Assert.True(usage.OutputTokenCount > Trained, $"it ended after {usage.OutputTokenCount} tokens");
        Assert.True(client.Statistics.Renewals > 0);
        Assert.Equal(usage.InputTokenCount + usage.OutputTokenCount - 1, client.Statistics.LogicalTokens);
        Assert.NotEmpty((await client.GetResponseAsync([User(Prose(60))], TestClient.Greedy(2))).Text); // longer than it was trained for
    }

    private static SlotFixture Fixture(string name, EvictionMechanism mechanism) => new(
        KvCacheBudget.FromCells(Cells),
        TinyKind.Named(name).Settings with { ContextLength = Trained },
        change: probe => SlotMechanismTests.Forced(probe, mechanism));

    // All heads but the last prefer the earliest tokens, that one the latest.
    private sealed class Apart : KeyScorer
    {
        public override bool NeedsKeys => false;

        public override void Score(in HeadRows rows, Span<float> scores)
        {
            for (int row = 0; row < rows.Count; row++)
                scores[row] = rows.Head == 3 ? row : -row;
        }
    }
}
