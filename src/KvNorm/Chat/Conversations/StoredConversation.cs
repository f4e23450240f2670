using KvNorm.KvCache.Slots;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Conversations;

/// <summary>
/// A conversation that the client keeps for its callers, who send only what is new. Its contents belong to whoever has the turn.
/// </summary>
internal sealed class StoredConversation(string id)
{
    private long _lastUse; // ticks; read from any thread

    public string Id => id;

    /// <summary>Gets what makes requests of one conversation wait for each other.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Gets or sets by what the cache knows it.</summary>
    public ConversationTrace Trace { get; set; } = ConversationTrace.Named(id);

    /// <summary>Gets or sets everything said so far.</summary>
    public ChatMessage[] Messages { get; set; } = [];

    /// <summary>Gets or sets the tokens of the last prompt and its answer, by which the cache knows the conversation.</summary>
    public int[] Tokens { get; set; } = [];

    /// <summary>Gets or sets what its answers took.</summary>
    public KvNormConversationStatistics Statistics { get; set; } = new();

    /// <summary>Gets or sets how many have the turn or wait for it. The store's alone.</summary>
    public int Users { get; set; }

    /// <summary>Gets whether there is something in it, or is going to be.</summary>
    public bool IsAlive => Messages.Length > 0 || Users > 0;

    public DateTimeOffset LastUse
    {
        get => new(Volatile.Read(ref _lastUse), TimeSpan.Zero);
        set => Volatile.Write(ref _lastUse, value.UtcTicks);
    }
}
