using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Recall;

/// <summary>What is asked, for which something may have to come back.</summary>
/// <param name="Tokens">Its tokens.</param>
internal sealed record RecallQuestion(int[] Tokens)
{
    /// <summary>Gets what it means, a vector of length 1; null where nothing but its words is known.</summary>
    public float[]? Vector { get; init; }

    /// <summary>Gets the maximum of tokens of the answer, as far as that is known.</summary>
    public int AnswerTokens { get; init; }

    /// <summary>
    /// Gets the message that asks, where it stands in the conversation already: in later steps of calls of tools, or asked for again. It has
    /// all of its own words, which says nothing of what it asks for.
    /// </summary>
    public TokenRange Message { get; init; }

    /// <summary>Gets the calls of tools in the conversation, each with its results.</summary>
    public IReadOnlyList<TokenRange> Exchanges { get; init; } = [];
}
