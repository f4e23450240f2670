using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Contract;

/// <summary>What the contract tests need to know of a client: how one is made, and a few facts about it.</summary>
public abstract class ChatClientProvider : IDisposable
{
    private readonly Lazy<IChatClient> _shared;
    private string? _known;

    protected ChatClientProvider() => _shared = new Lazy<IChatClient>(CreateShared);

    /// <summary>Gets the client that tests of one class share; each test has conversations of its own.</summary>
    public IChatClient Shared => _shared.Value;

    public abstract string ProviderName { get; }

    public abstract string ModelName { get; }

    /// <summary>Gets what the model writes around messages and calls, and nobody should see.</summary>
    public abstract IReadOnlyList<string> Markers { get; }

    /// <summary>Gets how many tools are many, at least one of each of the five schemas that Semantic Kernel sends.</summary>
    public virtual int ManyTools => 30;

    /// <summary>A client that nobody else has.</summary>
    public abstract IChatClient Create();

    /// <summary>The client that tests share.</summary>
    protected virtual IChatClient CreateShared() => Create();

    /// <summary>What the shared client says to something, asked the first time only. Tests of one class run one after another.</summary>
    public async Task<string> OnceAsync(Func<IChatClient, Task<string>> ask) => _known ??= await ask(Shared);

    public void Dispose()
    {
        if (_shared.IsValueCreated)
            _shared.Value.Dispose();
        GC.SuppressFinalize(this);
    }
}
