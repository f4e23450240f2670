using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace KvNorm.Acceptance.Tests.Contract;

/// <summary>
/// A cache too small to keep anything: every request is looked up and every answer written to it, but none is answered from it, since the
/// contract is about the client behind it. What comes out of a cache is tested in PipelineTests.
/// </summary>
public sealed class DistributedCacheProvider : DecoratedProvider
{
    private readonly MemoryDistributedCache _cache = new(Options.Create(new MemoryDistributedCacheOptions { SizeLimit = 1 }));

    protected override ChatClientBuilder Decorate(ChatClientBuilder builder) => builder.UseDistributedCache(_cache);
}
