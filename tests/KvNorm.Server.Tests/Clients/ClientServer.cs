using KvNorm.Tests.Gguf;

namespace KvNorm.Server.Tests.Clients;

/// <summary>
/// A server for the clients that people use, over a tiny random model with room for tools. What it says is noise, the same each time by
/// greedy sampling; forced calls and schemas are kept all the same.
/// </summary>
public sealed class ClientServer : IAsyncLifetime
{
    internal RunningServer Server { get; private set; } = null!;

    /// <summary>Gets the model's name.</summary>
    public static string Model => Path.GetFileNameWithoutExtension(TinyModel.Write());

    /// <summary>Gets the address that clients are given.</summary>
    public Uri Address => new(Server.Address, "/v1");

    public async Task InitializeAsync() => Server = await RunningServer.StartAsync(static options =>
    {
        KvNormChatOptions model = TinyServer.Options();
        model.KvCacheBudget = KvCacheBudget.FromCells(2048);
        options.Models.Add(model);
    });

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
