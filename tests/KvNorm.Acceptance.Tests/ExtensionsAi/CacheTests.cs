using System.Text.Json;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Acceptance.Tests.ExtensionsAi;

/// <summary>Slots and evictions, as applications meet them.</summary>
public sealed class CacheTests
{
    private static readonly string[] Things = ["an apple", "a river", "green", "iron"];

    // Each answer is what its own schema allows: what the model would say by itself may depend on what is decoded beside it.
    [Fact]
    public async Task GetResponseAsync_FourRequestsOnTwoSlots_EachGetsItsOwnAnswer()
    {
        KvNormChatOptions options = Options(512);
        options.Slots = 2;
        using KvNormChatClient client = KvNormChatClient.Create(options);
        ChatMessage[] question = [User("Name a thing.")];
        ChatResponse[] answers = await Task.WhenAll(Things.Select(thing => Task.Run(() => client.GetResponseAsync(question, Only(thing)))));
        Assert.Equal(Things, answers.Select(answer => JsonElement.Parse(answer.Text).GetString()), StringComparer.Ordinal);

        static ChatOptions Only(string thing)
        {
            ChatOptions only = Greedy(24);
            only.ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonSerializer.SerializeToElement(new { @const = thing }));
            return only;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetResponseAsync_EvictionBetweenTheRoundsOfATool_IsCountedAndAnswered(bool named)
    {
        using KvNormChatClient inner = Embedded(384);
        using RequestLog log = new(inner);
        using IChatClient client = log.AsBuilder().UseOneRoundInvocation().Build();
        Lamp lamp = new();
        ChatOptions options = lamp.Forced();
        options.Tools = [AIFunctionFactory.Create(() => Prose(24), Lamp.FunctionName, "Reads.")];
        options.ConversationId = named ? "reading" : null;
        ChatResponse response = await client.GetResponseAsync([User("Read it.")], options);

        Assert.Equal(2, log.Requests.Count);
        Assert.NotEmpty(response.Messages[^1].Text);
        long evictions = response.Usage!.AdditionalCounts![KvNormUsage.Evictions];
        Assert.NotEqual(0, evictions);
        Assert.Equal(log.Requests.Sum(request => request.Usage.AdditionalCounts![KvNormUsage.Evictions]), evictions);
        Assert.Equal(inner.Statistics.Evictions, evictions);
        Assert.Equal(inner.Statistics.EvictedRows, response.Usage.AdditionalCounts[KvNormUsage.EvictedRows]);
        Assert.InRange(inner.Statistics.Cells, 1, inner.Statistics.Capacity);
    }
}
