using System.Diagnostics;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Recall;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>
/// Recall where cells leave as a whole, so that no rows can come back: the tokens of what a question asks for are read again before it,
/// after all that was said. They take cells beside the rows of the conversation, of which they are no part, until the next message.
/// </summary>
/// <param name="plan">What holds for all slots.</param>
/// <param name="share">The cells that the slot may use.</param>
/// <param name="conversation">Its conversation.</param>
/// <param name="recall">Finds what a question asks for.</param>
/// <param name="sequence">Where the cells are.</param>
/// <param name="counters">Count it.</param>
/// <param name="gate">Guards what other threads may look at.</param>
internal sealed class SlotReading(
    CachePlan plan,
    SlotShare share,
    SlotConversation conversation,
    ConversationRecall recall,
    LlamaSequence sequence,
    SlotCounters counters,
    SlotGate gate)
{
    private readonly RecallRoom _room = new(plan, share, conversation);
    private int[] _tokens = []; // what is read again: numbers of tokens of the conversation
    private RecalledSpans _recalled = RecalledSpans.None;
    private int _read, _staged;
    private long _start; // timestamp

    /// <summary>Gets the tokens that are still to be read.</summary>
    public int Pending => _tokens.Length - _read;

    /// <summary>Gets the tokens that are in the batch.</summary>
    public int Staged => _staged;

    private RowLedger Ledger => conversation.Ledger;

    /// <inheritdoc cref="SlotRecall.MayFind"/>
    public bool MayFind(int coming) => Ledger.PackedRows > 0 || _room.IsEvictionDue(coming);

    /// <inheritdoc cref="Slot.Recall"/>
    /// <param name="question">The question.</param>
    /// <param name="coming">Tokens to be decoded next.</param>
    /// <param name="evict">Evicts down to so many rows.</param>
    public RecalledSpans Recall(RecallQuestion question, int coming, Action<int> evict)
    {
        long start = Stopwatch.GetTimestamp();
        if (!gate.Change(Drop))
            return RecalledSpans.None; // it stays, and there is no room for more
        (RecallChoice choice, bool evicts) = Find(question, coming);
        if (choice.Lacking.Length == 0)
            return RecalledSpans.None;
        if (evicts)
            evict(plan.KeptBeside(conversation.Pinned.Prefix, share.Capacity));
        using (gate.Enter())
            return Begin(choice.Lacking, start);
    }

    // What is asked for, and whether rows must be evicted so that it can be read again.
    private (RecallChoice Choice, bool Evicts) Find(RecallQuestion question, int coming)
    {
        bool canEvict = _room.IsEvictionDue(coming) || plan.RoomBeside(conversation.Pinned.Prefix, share.Capacity.Low) > 0;
        int kept = _room.Kept(canEvict);
        int room = Math.Min(share.Capacity.High - coming - kept, _room.Maximum(kept)); // spans that are held are pinned
        room = Math.Min(room, PositionsLeft(conversation.Length + coming, question.AnswerTokens));
        RecallChoice choice = recall.Choose(question, conversation.Tokens, conversation.Pinned, room);
        PinnedTokens pinned = conversation.Pinned with { Recalled = [.. choice.Spans.Except(choice.Lacking)] };
        conversation.Pinned = plan.Fit(pinned, share.Capacity);
        return (choice, Ledger.Rows + choice.Lacking.Sum(static span => span.Length) + coming > share.Capacity.High);
    }

    /// <summary>
    /// What the model was trained for leaves so many positions beside a conversation of some tokens, an answer, and what was read again
    /// before; negative for none. Every token that is read again takes one, and an answer must not end for the want of it: one that may be
    /// longer than the cache keeps as many, up to half of all, since one without a bound would leave none.
    /// </summary>
    /// <param name="length">Tokens of the conversation.</param>
    /// <param name="answer">The maximum of tokens of the answer.</param>
    public int PositionsLeft(int length, int answer)
    {
        int trained = plan.Model.TrainedLength, kept = Math.Max(plan.Shares.Most.Cells, Math.Min(answer, trained / 2));
        return trained == 0 ? int.MaxValue : trained - kept - Ledger.Positions.Of(length);
    }

    // Control tokens are left out: a turn must not end or begin in what is read.
    private RecalledSpans Begin(TokenRange[] spans, long start)
    {
        LlamaVocabulary vocabulary = plan.Model.Vocabulary;
        _tokens =
        [
            .. spans.SelectMany(static span => Enumerable.Range(span.Start, span.Length))
                .Where(number => vocabulary.IsText(conversation.Tokens[number])),
        ];
        (_read, _staged, _start) = (0, 0, start);
        return _recalled = new RecalledSpans(spans, _tokens.Length);
    }

    /// <summary>Puts tokens that are still to be read into the context's batch, from a position on.</summary>
    public void Stage(int count, int position)
    {
        _staged = count;
        if (count > 0)
            sequence.Stage([.. _tokens.AsSpan(_read, count).ToArray().Select(TokenOf)], position, logits: false);
    }

    /// <summary>The staged tokens were decoded.</summary>
    public void Commit()
    {
        if (_staged == 0)
            return;
        Ledger.Positions.Append(conversation.Length, _staged);
        (_read, _staged) = (_read + _staged, 0);
        if (Pending > 0)
            return;
        conversation.Recalled = _recalled;
        counters.CountRecall(_recalled.Spans.Length, _recalled.Tokens, Stopwatch.GetElapsedTime(_start).TotalMilliseconds);
    }

    /// <summary>The staged tokens were not decoded.</summary>
    public void Rollback() => _staged = 0;

    /// <summary>Marks what is read again as held.</summary>
    /// <param name="held">The share of each token of the conversation that is held, changed in place.</param>
    public void Mark(Span<float> held)
    {
        foreach (int number in ReadAgain)
            held[number] = 1;
    }

    /// <summary>Gets the numbers of the tokens of the conversation that were read again and are in the cache.</summary>
    public int[] ReadAgain => _tokens[..Math.Min(_read, Ledger.Positions.ReadAgain)];

    /// <summary>The cache holds these, read again in another time or slot.</summary>
    public void Restore(int[] tokens) => (_tokens, _read, _staged) = (tokens, tokens.Length, 0);

    /// <summary>Takes what was read again out of the cache.</summary>
    /// <returns>
    /// False where it was decoded last and cannot be forgotten: a recurrent state remembers it, and a sliding window has lost what was
    /// before.
    /// </returns>
    public bool Drop()
    {
        TokenPositions positions = Ledger.Positions;
        bool isLast = positions.ReadAgain > 0 && positions.Before == conversation.Length;
        if (isLast && (plan.Model.SlidingWindow > 0 || !sequence.RemoveFrom(positions.First)))
            return false;
        Forget();
        if (positions.ReadAgain == 0)
            return true;
        if (!isLast)
            sequence.Remove(positions.First, positions.First + positions.ReadAgain);
        positions.Drop(conversation.Length);
        return true;
    }

    /// <summary>What was to be read again is not asked for any more.</summary>
    public void Forget() => (_tokens, _read, _staged) = ([], 0, 0);

    private int TokenOf(int number) => conversation.Tokens[number];
}
