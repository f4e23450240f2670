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

    /// <summary>Gets the calls of tools in the conversation, each with its results.</summary>
    public IReadOnlyList<TokenRange> Exchanges { get; init; } = [];
}
