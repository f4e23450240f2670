namespace KvNorm;

/// <summary>
/// Something that happened to a conversation in the cache, told by <see cref="KvNormChatClient.GetEvents"/>: an eviction, which has
/// <see cref="EvictedRows"/>, or a recall, which has <see cref="RecalledPassages"/>.
/// </summary>
public sealed record KvCacheEvent
{
    /// <summary>Gets when it was done.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the milliseconds that it took.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>Gets the rows evicted; a row is one token's key and value in one layer and head. 0 for a recall.</summary>
    public long EvictedRows { get; init; }

    /// <summary>Gets the passages (sentences or lines) that were evicted and came back for a message. 0 for an eviction.</summary>
    public int RecalledPassages { get; init; }

    /// <summary>Gets the tokens of these that some layer or head had lost. 0 for an eviction.</summary>
    public int RecalledTokens { get; init; }
}
