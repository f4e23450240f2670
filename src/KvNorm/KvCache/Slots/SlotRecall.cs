using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Recall;

namespace KvNorm.KvCache.Slots;

/// <summary>How much of what a question asks for comes back into a slot, and the pass that brings it.</summary>
/// <param name="plan">What holds for the slot.</param>
/// <param name="conversation">Its conversation.</param>
/// <param name="recall">Finds what a question asks for.</param>
/// <param name="evictor">Moves the rows.</param>
internal sealed class SlotRecall(CachePlan plan, SlotConversation conversation, ConversationRecall recall, RowEvictor evictor)
{
    /// <summary>The maximum of what comes back at a time, as a share of the cells; measured, see docs/evaluation.md.</summary>
    public const double MaximumShare = 1.0 / 6;

    public RowArchive Archive => recall.Archive!;

    private RowLedger Ledger => conversation.Ledger;

    /// <summary>Whether a question may ask for what is not held: something was evicted, or will be before it is decoded.</summary>
    /// <param name="coming">Tokens to be decoded next.</param>
    public bool MayFind(int coming) => !Archive.IsEmpty || IsEvictionDue(coming);

    /// <summary>Finds what a question asks for.</summary>
    /// <param name="question">The question.</param>
    /// <param name="coming">Tokens to be decoded next.</param>
    /// <returns>
    /// What it asks for, the rows that must come back, and how many every head keeps when they do. No rows where none is lacking, or where
    /// they cannot be read.
    /// </returns>
    public (RecallChoice Choice, ArchivedRows? Rows, int Keep) Find(RecallQuestion question, int coming)
    {
        PinnedTokens pinned = conversation.Pinned;
        bool isDue = IsEvictionDue(coming);
        int keep = isDue ? Math.Min(Ledger.Rows, plan.KeptBeside(pinned.Prefix)) : Ledger.Rows;
        int least = Math.Min(keep, plan.Capacity.Low); // what the next eviction keeps must have room for it, too
        int room = plan.RoomBeside(pinned.Prefix, least) - (pinned.OpenEnd - pinned.OpenStart) - 1;
        RecallChoice choice = recall.Choose(
            question, conversation.Tokens, pinned, Math.Min(room, (int)(plan.Capacity.Cells * MaximumShare)));
        ArchivedRows? rows = choice.Missing.Length > 0 ? recall.Read(choice.Missing) : null;
        int more = isDue ? 0 : Math.Min(Ledger.LackedByAll(choice.Missing), plan.Capacity.High - coming - keep);
        return (choice, rows, keep + more);
    }

    /// <summary>Brings the rows back. When it throws, the cache must be cleared.</summary>
    public EvictionTimings BringBack(ArchivedRows rows, int keep) => evictor.Recall(conversation.Pinned, keep, rows);

    private bool IsEvictionDue(int coming) => Ledger.Rows + coming > plan.Capacity.High;
}
