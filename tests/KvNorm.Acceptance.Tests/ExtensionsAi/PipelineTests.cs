using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Acceptance.Tests.ExtensionsAi;

/// <summary>All of Microsoft's decorators at once, in both orders.</summary>
[Collection(SharedModel.Name)]
public sealed class PipelineTests(ChatClientFixture shared) : IDisposable
{
    private static readonly ChatMessage[] Order = [Instruct("Be brief."), User("Switch on the lamp.")];

    private readonly RequestLog _log = new(shared.Client);
    private readonly Lamp _lamp = new();
    private readonly MemoryDistributedCache _cache = new(Options.Create(new MemoryDistributedCacheOptions()));

    public void Dispose() => _log.Dispose();

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task Pipeline_ForcedCall_RunsTheToolOnceAndSumsTheUsage(bool invocationOutside, bool streaming)
    {
        using IChatClient pipeline = Pipeline(invocationOutside);
        ChatResponse response = await AskAsync(pipeline, streaming);

        Assert.Equal(1, _lamp.Runs);
        Assert.Equal(2, _log.Requests.Count);
        FunctionCallContent call = Assert.Single(response.Messages.Contents<FunctionCallContent>());
        FunctionResultContent result = Assert.Single(response.Messages.Contents<FunctionResultContent>());
        Assert.Equal(call.CallId, result.CallId);
        Assert.Equal(ChatRole.Assistant, response.Messages[^1].Role);
        Assert.NotEmpty(response.Messages[^1].Text);
        Assert.Equal(Sum(usage => usage.InputTokenCount), response.Usage!.InputTokenCount);
        Assert.Equal(Sum(usage => usage.OutputTokenCount), response.Usage.OutputTokenCount);
        Assert.Equal(Sum(usage => usage.CachedInputTokenCount), response.Usage.CachedInputTokenCount);
        Assert.Equal(0, response.Usage.AdditionalCounts![KvNormUsage.Evictions]);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task Pipeline_SameRequestAgain_IsAnsweredFromTheCache(bool invocationOutside, bool streaming)
    {
        using IChatClient pipeline = Pipeline(invocationOutside);
        ChatResponse first = await AskAsync(pipeline, streaming), again = await AskAsync(pipeline, streaming);

        Assert.Equal(2, _log.Requests.Count);
        Assert.Equal(first.Text, again.Text);
        Assert.Equal(first.Usage!.TotalTokenCount, again.Usage!.TotalTokenCount);
        Assert.Equal(first.Usage.AdditionalCounts, again.Usage.AdditionalCounts);
        Assert.Equal(first.FinishReason, again.FinishReason);

        // Where functions are invoked around the cache, the answers that call them come from it, and the functions run each time.
        Assert.Equal(invocationOutside ? 2 : 1, _lamp.Runs);
    }

    private IChatClient Pipeline(bool invocationOutside)
    {
        Func<ChatClientBuilder, ChatClientBuilder>[] decorators =
        [
            builder => builder.UseOneRoundInvocation(),
            builder => builder.UseOpenTelemetry(configure: static telemetry => telemetry.EnableSensitiveData = true),
            builder => builder.UseLogging(NullLoggerFactory.Instance),
            builder => builder.UseDistributedCache(_cache),
            builder => builder.UseChatReducer(new MessageCountingChatReducer(8)),
        ];
        if (!invocationOutside)
            Array.Reverse(decorators);
        return decorators.Aggregate(_log.AsBuilder(), static (builder, use) => use(builder)).Build();
    }

    private async Task<ChatResponse> AskAsync(IChatClient pipeline, bool streaming) => streaming
        ? (await pipeline.GetStreamingResponseAsync(Order, _lamp.Forced()).CollectAsync()).ToChatResponse()
        : await pipeline.GetResponseAsync(Order, _lamp.Forced());

    private long Sum(Func<UsageDetails, long?> count) => _log.Requests.Sum(request => count(request.Usage)!.Value);
}
