namespace KvNorm.KvCache.Eviction;

/// <summary>
/// After how many of its tokens a conversation is best taken up again when what followed has changed. Dropping the rows after them is
/// exact, but inside of what
/// an eviction has looked at it goes no further than the beginning that all heads hold. A cut goes on from there: the later tokens are
/// taken out
/// of every head, and all heads are cut to as many rows as the one with the fewest has.
/// </summary>
internal static class ResumePoint
{
    /// <summary>Finds the point.</summary>
    /// <param name="ledger">What the cache holds.</param>
    /// <param name="wanted">The tokens that have not changed.</param>
    /// <param name="prefix">Tokens at the start that every head must hold.</param>
    /// <param name="canCut">Whether rows can be taken out of the middle.</param>
    /// <returns>Tokens that need not be decoded again, at most <paramref name="wanted"/>.</returns>
    public static int Find(RowLedger ledger, int wanted, int prefix, bool canCut)
    {
        bool inside = wanted > ledger.CompletePrefix && wanted < ledger.PackedLength;
        return canCut && inside && ledger.CompletePrefix >= prefix && IsWorthCutting(ledger, wanted)
            ? LengthOfCut(ledger, wanted)
            : ledger.RestorableLength(wanted);
    }

    // The head with the fewest rows decides for all. Where that is less than half of what an eviction would keep of these tokens, they are
    // better decoded again.
    private static bool IsWorthCutting(RowLedger ledger, int wanted)
    {
        int left = ledger.RowsBefore(wanted);
        return left > ledger.CompletePrefix && left >= Math.Min(wanted, ledger.PackedRows) / 2;
    }

    // Where rows keep their positions, llama.cpp decodes only after the last of them: tokens after it that no head holds are decoded again.
    private static int LengthOfCut(RowLedger ledger, int wanted) => ledger.Renumbered ? wanted : ledger.LatestBefore(wanted) + 1;
}
