namespace KvNorm;

/// <summary>A conversation that a <see cref="KvNormChatClient"/> holds in its cache or keeps by name, at one moment.</summary>
public sealed record KvNormConversation
{
    /// <summary>
    /// Gets the name that callers gave it by ChatOptions.ConversationId; for one without a name, an id that the client made, by which it is
    /// found while a slot or host memory holds it. Null for what the cache still holds of one that was removed or begun anew.
    /// </summary>
    public string? ConversationId { get; init; }

    /// <summary>Gets whether the client keeps it by a name that callers gave it.</summary>
    public bool IsNamed => Statistics is not null;

    /// <summary>Gets the slot that holds it, from 0; null when none does.</summary>
    public int? Slot { get; init; }

    /// <summary>
    /// Gets whether it is held in host memory, from where it comes back into a slot (<see cref="KvNormChatOptions.ParkedBytes"/>).
    /// </summary>
    public bool IsParked { get; init; }

    /// <summary>Gets the tokens of the whole conversation, held or not.</summary>
    public required int LogicalTokens { get; init; }

    /// <summary>Gets the cells that it takes, in its slot or parked; 0 where the next request prefills it from its beginning.</summary>
    public required int Cells { get; init; }

    /// <summary>Gets when it was used last; null where that is not known.</summary>
    public DateTimeOffset? LastUse { get; init; }

    /// <summary>Gets the speed at which its last answer was decoded; null where that is not known.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>Gets what its answers took; null for one without a name.</summary>
    public KvNormConversationStatistics? Statistics { get; init; }
}
