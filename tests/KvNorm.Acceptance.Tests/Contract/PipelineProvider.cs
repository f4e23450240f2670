using System.Diagnostics;
using KvNorm.Tests.Contract;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace KvNorm.Acceptance.Tests.Contract;

/// <summary>
/// What applications put around a client to watch, cache and shorten, with somebody listening. The cache is too small to keep anything:
/// every request is looked up and every answer written to it, but none is answered from it, since the contract is about the client behind
/// it. What comes out of a cache is tested in PipelineTests.
/// </summary>
public sealed class PipelineProvider(KvNormProvider inner) : DecoratedProvider(inner)
{
    private const string Source = "KvNorm.Acceptance.Tests.Contract";
    private const int Longest = 32; // messages: longer than any conversation of the contract

    private readonly MemoryDistributedCache _cache = new(Options.Create(new MemoryDistributedCacheOptions { SizeLimit = 1 }));

    // Without a listener no activity is made, and the decorator would only hand on.
    static PipelineProvider() => ActivitySource.AddActivityListener(new ActivityListener
    {
        ShouldListenTo = static source => source.Name is Source or "KvNorm",
        Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
    });

    protected override ChatClientBuilder Decorate(ChatClientBuilder builder) => builder
        .UseOpenTelemetry(sourceName: Source, configure: static telemetry => telemetry.EnableSensitiveData = true)
        .UseDistributedCache(_cache)
        .UseChatReducer(new LatestMessages());

    /// <summary>Microsoft's reducers keep one system message only; the contract has conversations with two.</summary>
    private sealed class LatestMessages : IChatReducer
    {
        public Task<IEnumerable<ChatMessage>> ReduceAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(messages);
            return Task.FromResult<IEnumerable<ChatMessage>>([.. messages.TakeLast(Longest)]);
        }
    }
}
