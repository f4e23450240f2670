using System.Diagnostics;
using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Recall;

namespace KvNorm.KvCache.Slots;

/// <summary>How much of what a question asks for comes back into a slot, and the pass that brings it.</summary>
/// <param name="plan">What holds for all slots.</param>
/// <param name="share">The cells that the slot may use.</param>
/// <param name="conversation">Its conversation.</param>
/// <param name="recall">Finds what a question asks for.</param>
/// <param name="evictor">Moves the rows.</param>
/// <param name="counters">Count it.</param>
/// <param name="gate">Guards what other threads may look at.</param>
internal sealed class SlotRecall(
    CachePlan plan,
    SlotShare share,
    SlotConversation conversation,
    ConversationRecall recall,
    RowEvictor evictor,
    SlotCounters counters,
    SlotGate gate)
{
    private readonly RecallRoom _room = new(plan, share, conversation);

    public RowArchive Archive => recall.Archive!;

    private RowLedger Ledger => conversation.Ledger;

    /// <summary>Whether a question may ask for what is not held: something was evicted, or will be before it is decoded.</summary>
    /// <param name="coming">Tokens to be decoded next.</param>
    public bool MayFind(int coming) => !Archive.IsEmpty || _room.IsEvictionDue(coming);

    /// <inheritdoc cref="Slot.Recall"/>
    public RecalledSpans Recall(RecallQuestion question, int coming)
    {
        long start = Stopwatch.GetTimestamp();
        (RecallChoice choice, ArchivedRows? rows, int keep) = Find(question, coming);
        return rows is null ? RecalledSpans.None : gate.Change(() => BringBack(choice, rows, keep, start));
    }

    // What is asked for, the rows that must come back, and how many every head keeps when they do. No rows where none is lacking, or where
    // they cannot be read.
    private (RecallChoice Choice, ArchivedRows? Rows, int Keep) Find(RecallQuestion question, int coming)
    {
        bool isDue = _room.IsEvictionDue(coming);
        int keep = _room.Kept(isDue);
        RecallChoice choice = recall.Choose(question, conversation.Tokens, conversation.Pinned, _room.Maximum(keep));
        conversation.Pinned = plan.Fit(conversation.Pinned with { Recalled = choice.Spans }, share.Capacity);
        if (choice.Missing.Length == 0)
            return (choice, null, keep);
        keep += isDue ? 0 : Math.Min(Ledger.LackedByAll(choice.Missing), share.Capacity.High - coming - keep);
        int[] others = recall.FindReplacements(choice, conversation.Pinned, keep, _room.MaximumReplacements);
        return (choice, recall.Read([.. choice.Missing.Concat(others).Order()]), keep);
    }

    private RecalledSpans BringBack(RecallChoice choice, ArchivedRows rows, int keep, long start)
    {
        int held = Ledger.Rows;
        EvictionTimings timings = evictor.Recall(conversation.Pinned with { Distractors = choice.Distractors }, keep, rows);
        conversation.Queries?.Clear();
        if (keep < held)
            counters.CountEviction((long)(held - keep) * plan.HeadCount, timings);
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        int recalled = choice.Missing.Length;
        counters.CountRecall(choice.Lacking.Length, recalled, taken.TotalMilliseconds - (keep < held ? timings.Total : 0));
        return conversation.Recalled = new RecalledSpans(choice.Lacking, recalled);
    }
}
