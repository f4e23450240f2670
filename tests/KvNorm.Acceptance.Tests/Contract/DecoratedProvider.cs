using KvNorm.Tests.Contract;
using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests.Contract;

/// <summary>This library's client inside of something that applications put around it.</summary>
/// <param name="inner">Makes the client. The one that tests share is that of all classes, so that each prompt is prefilled once.</param>
public abstract class DecoratedProvider(KvNormProvider inner) : ChatClientProvider
{
    public override string ProviderName => inner.ProviderName;

    public override string ModelName => inner.ModelName;

    public override IReadOnlyList<string> Markers => inner.Markers;

    /// <summary>Gets one of each schema: what is around a client does not count them.</summary>
    public override int ManyTools => 5;

    public override IChatClient Create() => Decorate(inner.Create().AsBuilder()).Build();

    protected override IChatClient CreateShared() => Decorate(new RequestLog(inner.Shared).AsBuilder()).Build(); // which is not its own

    protected abstract ChatClientBuilder Decorate(ChatClientBuilder builder);
}
