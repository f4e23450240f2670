namespace KvNorm.Server.Models;

/// <summary>Something that happened to a conversation's memory during an answer.</summary>
/// <param name="Time">When the answer was complete.</param>
/// <param name="Kind">"eviction" or "recall".</param>
/// <param name="Milliseconds">What it took.</param>
internal sealed record ConversationEvent(DateTimeOffset Time, string Kind, long Milliseconds)
{
    /// <summary>Gets the evictions; null for a recall.</summary>
    public long? Evictions { get; private init; }

    /// <summary>Gets the rows evicted: keys and values of one token in one layer and head; null for a recall.</summary>
    public long? Rows { get; private init; }

    /// <summary>Gets the passages that came back; null for an eviction.</summary>
    public long? Passages { get; private init; }

    /// <summary>Gets the tokens of these that some layer or head had lost; null for an eviction.</summary>
    public long? Tokens { get; private init; }

    public static ConversationEvent Eviction(DateTimeOffset time, long evictions, long rows, long milliseconds) =>
        new(time, "eviction", milliseconds) { Evictions = evictions, Rows = rows };

    public static ConversationEvent Recall(DateTimeOffset time, long passages, long tokens, long milliseconds) =>
        new(time, "recall", milliseconds) { Passages = passages, Tokens = tokens };
}
