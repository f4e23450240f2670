using KvNorm.Tests.Contract;
using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests.Contract;

/// <summary>This library's client inside of something that applications put around it.</summary>
public abstract class DecoratedProvider : ChatClientProvider
{
    private static readonly KvNormProvider Inner = new();

    public override string ProviderName => Inner.ProviderName;

    public override string ModelName => Inner.ModelName;

    public override IReadOnlyList<string> Markers => Inner.Markers;

    /// <summary>Gets one of each schema: what is around a client does not count them.</summary>
    public override int ManyTools => 5;

    public override IChatClient Create() => Decorate(Inner.Create().AsBuilder()).Build();

    protected abstract ChatClientBuilder Decorate(ChatClientBuilder builder);
}
