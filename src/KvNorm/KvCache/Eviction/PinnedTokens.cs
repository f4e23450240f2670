namespace KvNorm.KvCache.Eviction;

/// <summary>Logical tokens that stay, or go, whatever their score.</summary>
/// <param name="Prefix">The first tokens: the system prompt, at least the sinks.</param>
/// <param name="OpenStart">The first token of the message being answered.</param>
/// <param name="OpenEnd">The index after its last; equal to the start when it is not pinned.</param>
internal readonly record struct PinnedTokens(int Prefix, int OpenStart, int OpenEnd)
{
    /// <summary>Gets the index after the user's first message, where that stays as the system prompt does; 0 where it does not.</summary>
    public int FirstMessageEnd { get; init; }

    /// <summary>Gets whether there is no room for that message beside what else stays now.</summary>
    public bool FirstMessageGivesWay { get; init; }

    /// <summary>Gets how many of the first tokens stay.</summary>
    public int Front => FirstMessageGivesWay ? Prefix : Math.Max(Prefix, FirstMessageEnd);

    /// <summary>Gets the spans that the message being answered asks for; null for none.</summary>
    public TokenRange[]? Recalled { get; init; }

    /// <summary>
    /// Gets the spans that lead away from what is asked for: they go before all others, also out of the recent window. None is pinned.
    /// Null for none.
    /// </summary>
    public TokenRange[]? Distractors { get; init; }

    /// <summary>
    /// Gets the first token that counts by how rare its word is: what stands before it comes back when it is asked for.
    /// </summary>
    public int RareFrom { get; init; }

    /// <summary>Gets the tokens that stay; ranges may overlap.</summary>
    public TokenRange[] Ranges => [new TokenRange(0, Front), new TokenRange(OpenStart, OpenEnd), .. Recalled ?? []];

    /// <summary>Gets the maximum of tokens that stay.</summary>
    public int Count => (int)Math.Min(int.MaxValue, Ranges.Sum(static range => (long)range.Length));

    public bool Contains(int token) => token < Front || (token >= OpenStart && token < OpenEnd) || IsRecalled(token);

    /// <summary>Whether a token is in a span that the message being answered asks for.</summary>
    public bool IsRecalled(int token)
    {
        foreach (TokenRange span in Recalled ?? []) // no predicate: this is asked of every token, and a closure would be made each time
        {
            if (span.Contains(token))
                return true;
        }

        return false;
    }
}
