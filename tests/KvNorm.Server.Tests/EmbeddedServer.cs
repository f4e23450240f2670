using Microsoft.Extensions.DependencyInjection;

namespace KvNorm.Server.Tests;

/// <summary>A server over the embedded model, started once for the tests of a collection.</summary>
public sealed class EmbeddedServer : IAsyncLifetime
{
    public const string Model = "SmolLM2-135M-Instruct.Q4_1";

    internal RunningServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await RunningServer.StartAsync(
        options => options.LoadTimeout = TimeSpan.FromMinutes(2),
        services => services.AddKvNormChat(options =>
        {
            options.KvCacheBudget = KvCacheBudget.FromCells(2 * 256);
            options.Slots = 2;
            options.Threads = 1;
        }));

    public async Task DisposeAsync() => await Server.DisposeAsync();
}

/// <summary>The tests that ask the embedded model.</summary>
[CollectionDefinition(Name)]
public sealed class EmbeddedServerTests : ICollectionFixture<EmbeddedServer>
{
    public const string Name = "embedded model";
}
