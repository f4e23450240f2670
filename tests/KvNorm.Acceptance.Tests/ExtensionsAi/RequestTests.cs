using System.Reflection;
using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Acceptance.Tests.ExtensionsAi;

/// <summary>What a client must leave as it is, and what it tells through a pipeline.</summary>
[Collection(SharedModel.Name)]
public sealed class RequestTests(ChatClientFixture shared)
{
    [Fact]
    public async Task GetResponseAsync_Options_AreNotMutated()
    {
        ChatOptions options = new Lamp().Forced();
        options.Instructions = "Be brief.";
        options.StopSequences = ["never said"];
        options.AdditionalProperties = new AdditionalPropertiesDictionary { ["min_p"] = 0.1 };
        ChatOptions before = options.Clone();
        IList<AITool> tools = options.Tools!;
        await shared.Client.GetResponseAsync([User("Switch on the lamp.")], options);

        IEnumerable<PropertyInfo> values = typeof(ChatOptions).GetProperties()
            .Where(property => property.PropertyType.IsValueType || property.PropertyType == typeof(string));
        Assert.All(values, property => Assert.Equal(property.GetValue(before), property.GetValue(options)));
        Assert.Same(tools, options.Tools);
        Assert.Equal(before.Tools, options.Tools);
        Assert.Same(before.ToolMode, options.ToolMode);
        Assert.Equal(before.StopSequences, options.StopSequences);
        Assert.Equal(before.AdditionalProperties, options.AdditionalProperties);
        Assert.Null(options.ResponseFormat);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetResponseAsync_Messages_AreEnumeratedOnce(bool streaming)
    {
        int enumerations = 0;
        if (streaming)
            await shared.Client.GetStreamingResponseAsync(Messages(), TestClient.Greedy(2)).CollectAsync();
        else
            await shared.Client.GetResponseAsync(Messages(), TestClient.Greedy(2));
        Assert.Equal(1, enumerations);

        IEnumerable<ChatMessage> Messages()
        {
            enumerations++;
            yield return User("Name a fruit.");
        }
    }

    [Fact]
    public async Task GetResponseAsync_Messages_AreNotMutated()
    {
        ChatMessage question = User("Name a fruit.");
        await shared.Client.GetResponseAsync([question], TestClient.Greedy(2));
        Assert.Null(question.AdditionalProperties);
        Assert.Null(question.MessageId);
        Assert.Equal("Name a fruit.", Assert.IsType<TextContent>(Assert.Single(question.Contents)).Text);
    }

    [Fact]
    public void GetService_ThroughAPipeline_FindsClientStatisticsAndMetadata()
    {
        using RequestLog log = new(shared.Client);
        using IChatClient client = log.AsBuilder().UseFunctionInvocation().UseOpenTelemetry().Build();
        Assert.Same(shared.Client, client.GetService<KvNormChatClient>());
        Assert.NotNull(client.GetService<KvCacheStatistics>());
        Assert.NotNull(client.GetService<FunctionInvokingChatClient>());
        Assert.Equal(TestClient.EmbeddedName, client.GetService<ChatClientMetadata>()!.DefaultModelId);
    }
}
