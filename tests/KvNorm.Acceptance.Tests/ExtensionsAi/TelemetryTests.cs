using System.Diagnostics;
using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Acceptance.Tests.ExtensionsAi;

/// <summary>What an application sees of a request in its traces and in the response.</summary>
[Collection(SharedModel.Name)]
public sealed class TelemetryTests(ChatClientFixture shared)
{
    private const string Ours = "KvNorm", Theirs = "KvNorm.Acceptance.Tests.Telemetry";

    private static readonly string[] Times =
        [KvNormUsage.PrefillMilliseconds, KvNormUsage.DecodeMilliseconds, KvNormUsage.EvictionMilliseconds];
    private static readonly ChatMessage[] Question = [User("Name a fruit.")];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UseOpenTelemetry_OneRequest_IsOneChatActivity(bool streaming)
    {
        using RequestLog log = new(shared.Client);
        using IChatClient client = log.AsBuilder().UseOpenTelemetry(sourceName: Theirs).Build();
        using ActivityRecorder recorder = new(Ours, Theirs);
        await AskAsync(client, streaming);
        Activity chat = Assert.Single(recorder.Stopped, IsChat);
        Assert.Equal(Theirs, chat.Source.Name);
        Assert.Equal("kvnorm", chat.GetTagItem("gen_ai.provider.name"));
        Assert.Equal(4, chat.GetTagItem("gen_ai.usage.output_tokens"));
    }

    // The chat activity is the decorator's; ours is about the work inside of it.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task NoDecorator_OneRequest_IsOneActivityAndNoChat(bool streaming)
    {
        using ActivityRecorder recorder = new(Ours, Theirs);
        await AskAsync(shared.Client, streaming);
        Activity request = Assert.Single(recorder.Stopped);
        Assert.Equal(Ours, request.Source.Name);
        Assert.False(IsChat(request));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UseOpenTelemetry_FunctionInvoked_IsOneChatActivityForEachRound(bool streaming)
    {
        Lamp lamp = new();
        using RequestLog log = new(shared.Client);
        using IChatClient client = log.AsBuilder()
            .UseOneRoundInvocation()
            .UseOpenTelemetry(sourceName: Theirs)
            .Build();
        using ActivityRecorder recorder = new(Ours, Theirs);
        await AskAsync(client, streaming, lamp.Forced());
        Assert.Equal(2, recorder.Stopped.Count(IsChat));
    }

    [Fact]
    public async Task GetResponseAsync_Figures_AreOnTheResponseAndOnTheMessage()
    {
        ChatResponse response = await AskAsync(shared.Client, streaming: false);
        RequireFigures(response);
        AdditionalPropertiesDictionary onMessage = response.Messages[0].AdditionalProperties!;
        Assert.All(Times, figure => Assert.Equal(onMessage[figure], response.AdditionalProperties?[figure]));
    }

    // Whoever reads a stream makes the response, and Microsoft's ToChatResponse puts what an update of a message carries on the message.
    [Fact]
    public async Task GetStreamingResponseAsync_Figures_AreOnTheMessage() => RequireFigures(await AskAsync(shared.Client, streaming: true));

    private static void RequireFigures(ChatResponse response)
    {
        Assert.Equal(0, response.Usage!.AdditionalCounts![KvNormUsage.Evictions]);
        Assert.Equal(0, response.Usage.AdditionalCounts[KvNormUsage.EvictedRows]);
        AdditionalPropertiesDictionary? figures = Assert.Single(response.Messages).AdditionalProperties;
        Assert.All(Times, figure => Assert.IsType<double>(figures?[figure]));
    }

    private static bool IsChat(Activity activity) => Equals(activity.GetTagItem("gen_ai.operation.name"), "chat");

    private static async Task<ChatResponse> AskAsync(IChatClient client, bool streaming, ChatOptions? options = null)
    {
        options ??= TestClient.Greedy(4);
        return streaming
            ? (await client.GetStreamingResponseAsync(Question, options).CollectAsync()).ToChatResponse()
            : await client.GetResponseAsync(Question, options);
    }
}
