using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Slots;

/// <summary>How much of a slot may be what a question asks for: never what is pinned, and never more than a share of the cells.</summary>
/// <param name="plan">What holds for the slot.</param>
/// <param name="share">The cells that it may use.</param>
/// <param name="conversation">Its conversation.</param>
internal readonly struct RecallRoom(CachePlan plan, SlotShare share, SlotConversation conversation)
{
    /// <summary>The maximum of what comes back at a time, as a share of the cells: most of a slot stays for what was said last.</summary>
    private const double MaximumShare = 1.0 / 6;

    private const double ReplacementShare = 1.0 / 2; // what may take the place of distractors, as a share of the cells

    /// <summary>The maximum of what is on its way back at a time, as a share of the cells.</summary>
    public const double MovedShare = MaximumShare + ReplacementShare;

    /// <summary>Gets the maximum of tokens that may take the place of distractors.</summary>
    public int MaximumReplacements => (int)(share.Capacity.Cells * ReplacementShare);

    private RowLedger Ledger => conversation.Ledger;

    private PinnedTokens Pinned => conversation.Pinned;

    /// <summary>Whether tokens to be decoded next make an eviction necessary.</summary>
    public bool IsEvictionDue(int coming) => Ledger.Cells + coming > share.Capacity.High;

    /// <summary>The rows that stay.</summary>
    /// <param name="evicts">Whether rows are evicted before.</param>
    public int Kept(bool evicts) => evicts ? Math.Min(Ledger.Rows, plan.KeptBeside(Pinned.Prefix, share.Capacity)) : Ledger.Rows;

    /// <summary>
    /// The maximum of tokens that may be chosen: the next eviction must have room for them among what it keeps. The user's first message
    /// can give way to them.
    /// </summary>
    /// <param name="kept">The rows that stay.</param>
    public int Maximum(int kept)
    {
        int open = Pinned.OpenEnd - Pinned.OpenStart;
        int beside = plan.RoomBeside(Pinned.Prefix, Math.Min(kept, share.Capacity.Low)) - open - 1;
        return Math.Min(beside, (int)(share.Capacity.Cells * MaximumShare));
    }
}
