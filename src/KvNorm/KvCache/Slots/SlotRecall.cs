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
    private readonly RecallRoom _room = new(plan, conversation);

    public RowArchive Archive => recall.Archive!;

    private RowLedger Ledger => conversation.Ledger;

    /// <summary>Whether a question may ask for what is not held: something was evicted, or will be before it is decoded.</summary>
    /// <param name="coming">Tokens to be decoded next.</param>
    public bool MayFind(int coming) => !Archive.IsEmpty || _room.IsEvictionDue(coming);

    /// <summary>Finds what a question asks for.</summary>
    /// <param name="question">The question.</param>
    /// <param name="coming">Tokens to be decoded next.</param>
    /// <returns>
    /// What it asks for, the rows that must come back, and how many every head keeps when they do. No rows where none is lacking, or where
    /// they cannot be read.
    /// </returns>
    public (RecallChoice Choice, ArchivedRows? Rows, int Keep) Find(RecallQuestion question, int coming)
    {
        bool isDue = _room.IsEvictionDue(coming);
        int keep = _room.Kept(isDue);
        RecallChoice choice = recall.Choose(question, conversation.Tokens, conversation.Pinned, _room.Maximum(keep));
        ArchivedRows? rows = choice.Missing.Length > 0 ? recall.Read(choice.Missing) : null;
        int more = isDue ? 0 : Math.Min(Ledger.LackedByAll(choice.Missing), plan.Capacity.High - coming - keep);
        return (choice, rows, keep + more);
    }

    /// <summary>Brings the rows back. When it throws, the cache must be cleared.</summary>
    public EvictionTimings BringBack(ArchivedRows rows, int keep) => evictor.Recall(conversation.Pinned, keep, rows);
}
