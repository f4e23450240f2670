using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Slots;

/// <summary>What a conversation, in a slot or parked, is worth to a prompt.</summary>
internal static class PromptMatch
{
    /// <summary>How many tokens of a prompt need not be decoded again. At least the last one is, since its logits are wanted.</summary>
    /// <param name="prompt">The whole prompt.</param>
    /// <param name="tokens">The conversation's tokens.</param>
    /// <param name="ledger">What is held of them.</param>
    /// <param name="prefix">Those at the start that every head must hold.</param>
    /// <param name="takingBack">How it can be taken back.</param>
    public static int ReusableLength(
        ReadOnlySpan<int> prompt, ReadOnlySpan<int> tokens, RowLedger ledger, int prefix, TakingBack takingBack)
    {
        int common = Math.Min(tokens.CommonPrefixLength(prompt), prompt.Length - 1);
        if (takingBack == TakingBack.Never)
            return common == tokens.Length ? common : 0;
        return ResumePoint.Find(ledger, common, prefix, canCut: takingBack == TakingBack.Cuts);
    }

    /// <summary>
    /// Whether a prompt goes on with a conversation, rather than with another one that begins in the same way: after the system prompt,
    /// at least half of the shorter one is the other's, too.
    /// </summary>
    /// <inheritdoc cref="ReusableLength"/>
    public static bool IsContinuedBy(ReadOnlySpan<int> prompt, ReadOnlySpan<int> tokens, int prefix)
    {
        int common = tokens.CommonPrefixLength(prompt);
        return common == tokens.Length || (common - prefix) * 2 >= Math.Min(tokens.Length, prompt.Length) - prefix;
    }
}
