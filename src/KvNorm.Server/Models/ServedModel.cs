using System.Threading.RateLimiting;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Models;

/// <summary>A model that requests may ask for, loaded or not.</summary>
/// <param name="name">Its name; null until it is loaded, for a client that the application brings.</param>
/// <param name="load">Loads it. Blocks.</param>
/// <param name="isOwned">Whether the server may dispose of what was loaded.</param>
/// <param name="check">Throws where it cannot be loaded, as far as that can be told before. Blocks. Null for nothing to tell.</param>
internal sealed class ServedModel(string? name, Func<IChatClient> load, bool isOwned, Action? check = null)
{
    /// <summary>How many a client answers at a time that is not ours, and does not say: as many as a remote service takes.</summary>
    public const int ForeignSlots = 64;

    /// <summary>Gets its name; null where that is not known yet.</summary>
    public string? Name { get; private set; } = name;

    /// <summary>Gets the client; null while it is not loaded.</summary>
    public IChatClient? Client { get; private set; }

    /// <summary>Gets why it could not be loaded; null where that was not tried, or went well.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Gets or sets its load that is under way or was the last. Of those who hold the lock over all models.</summary>
    public Task? Loading { get; set; }

    /// <summary>Gets who waits for a slot.</summary>
    public ConcurrencyLimiter? Queue { get; private set; }

    /// <summary>Gets or sets how many requests use it or wait for it. Of those who hold the lock over all models.</summary>
    public int Users { get; set; }

    /// <summary>Gets or sets the number that its last use had among those of all models.</summary>
    public long LastUse { get; set; }

    /// <summary>Gets whether it can be given up for another one.</summary>
    public bool CanBeGivenUp => isOwned && Client is not null && Users == 0;

    /// <summary>Gets what this library knows of it; null for a client that is not ours, or while it is not loaded.</summary>
    public KvNormChatClient? Cache => Client?.GetService<KvNormChatClient>();

    /// <summary>Throws what loading it would, as far as that can be told before. Blocks.</summary>
    public void Check() => NoteFailure(() => check?.Invoke());

    /// <summary>Loads it. Blocks.</summary>
    /// <param name="maximumQueue">How many may wait for a slot.</param>
    public void Load(int maximumQueue) => NoteFailure(() =>
    {
        IChatClient client = load();
        Name ??= client.GetService<ChatClientMetadata>()?.DefaultModelId ?? "default";
        Queue = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = client.GetService<KvNormChatClient>()?.Statistics.Slots ?? ForeignSlots,
            QueueLimit = maximumQueue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        (Client, Failure) = (client, null);
    });

    /// <summary>Gives it up: the next request loads it again.</summary>
    public void Unload()
    {
        IChatClient? client = Client;
        Client = null;
        Queue?.Dispose();
        if (isOwned)
            client?.Dispose();
    }

    private void NoteFailure(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            Failure = e;
            throw;
        }
    }
}
