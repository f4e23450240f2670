namespace KvNorm;

/// <summary>What the answers of a conversation took, from its beginning or since it was loaded.</summary>
public sealed record KvNormConversationStatistics
{
    /// <summary>Gets the requests that were answered to their end.</summary>
    public int Requests { get; init; }

    /// <summary>Gets the tokens of their prompts, each with the whole conversation so far.</summary>
    public long InputTokens { get; init; }

    /// <summary>Gets those of them that the cache held, so that they were not prefilled again.</summary>
    public long CachedInputTokens { get; init; }

    /// <summary>Gets the tokens of their answers.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Gets the evictions in the course of them.</summary>
    public int Evictions { get; init; }

    /// <summary>Gets the rows evicted; a row is one token's key and value in one layer and head.</summary>
    public long EvictedRows { get; init; }
}
