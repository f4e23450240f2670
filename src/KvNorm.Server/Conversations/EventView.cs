namespace KvNorm.Server.Conversations;

/// <summary>Something that happened to a conversation's memory.</summary>
/// <param name="Time">When it was done.</param>
/// <param name="Kind">"eviction" or "recall".</param>
/// <param name="Milliseconds">What it took.</param>
internal sealed record EventView(DateTimeOffset Time, string Kind, double Milliseconds)
{
    /// <summary>Gets the rows evicted: keys and values of one token in one layer and head; null for a recall.</summary>
    public long? Rows { get; private init; }

    /// <summary>Gets the passages that came back; null for an eviction.</summary>
    public int? Passages { get; private init; }

    /// <summary>Gets the tokens of these that some layer or head had lost; null for an eviction.</summary>
    public int? Tokens { get; private init; }

    public static EventView Of(KvCacheEvent one) => one.RecalledPassages > 0
        ? new EventView(one.Time, "recall", one.Milliseconds) { Passages = one.RecalledPassages, Tokens = one.RecalledTokens }
        : new EventView(one.Time, "eviction", one.Milliseconds) { Rows = one.EvictedRows };
}
