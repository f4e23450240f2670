using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Attention;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Recall;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>
/// One slot of the cache: one conversation in one sequence. Takes tokens in, evicting before a batch would not fit, and takes the
/// conversation back
/// to where a prompt goes on. One caller at a time; <see cref="Statistics"/> and <see cref="Retention"/> may be read from any thread.
/// </summary>
internal sealed class Slot
{
    private readonly SlotGate _gate; // over what other threads may look at: conversation and counters
    private readonly CachePlan _plan;
    private readonly KeyScorer _scorer;
    private readonly Evictor _evictor;
    private readonly SlotCounters _counters = new();
    private readonly SharedCells? _shared;  // null for a share of its own
    private readonly SlotRecall? _recall;   // null where no rows are kept of what was evicted
    private readonly SlotReading? _reading; // in its place where cells leave as a whole; null for no recall
    private readonly SlotRenewal? _renewal; // null where positions are renumbered

    /// <summary>Makes an empty slot.</summary>
    /// <param name="sequence">Where its cells are.</param>
    /// <param name="plan">What holds for all slots.</param>
    /// <param name="buffers">What all slots share.</param>
    /// <param name="recalls">What the recalls of all slots share; null for no recall.</param>
    /// <param name="shared">Lends cells where slots take them of one pool; null for an equal share.</param>
    public Slot(LlamaSequence sequence, CachePlan plan, SlotBuffers buffers, RecallSpace? recalls = null, SharedCells? shared = null)
    {
        (Sequence, _plan, _gate) = (sequence, plan, new SlotGate(Clear));
        (_shared, Share) = (shared, new SlotShare(plan));
        _scorer = plan.CreateScorer();
        RowLedger ledger = plan.CreateLedger();
        SpanMap spans = new(token => buffers.Pieces[token]);
        ConversationRecall? recall = recalls?.CreateFor(ledger, spans, tokens => plan.Model.Vocabulary.Text(tokens));
        QueryLog? queries = plan.CreateQueryLog();
        RowChooser chooser = new(plan.Rules, new RowScorer(plan.Rules, _scorer, ledger, spans, queries, buffers.Scoring), ledger, spans);
        Conversation = new SlotConversation(ledger, spans, plan.TakingBack, recall, queries);
        _renewal = ledger.Renumbered ? null : new SlotRenewal(plan, Conversation, sequence);
        if (plan.Probe.Mechanism == EvictionMechanism.RemoveCells)
        {
            _evictor = new CellEvictor(sequence, buffers.State, ledger, chooser);
            _reading = recall is null ? null : new SlotReading(plan, Share, Conversation, recall, sequence, _counters, _gate);
        }
        else
        {
            RowEvictor rows = new(sequence, buffers.State, plan.Rules, ledger, chooser, recall?.Archive);
            _evictor = rows;
            _recall = recall is null ? null : new SlotRecall(plan, Share, Conversation, recall, rows, _counters, _gate);
        }

        Pin(0, 0, 0, 0);
    }

    /// <summary>Gets the cells that the slot may use.</summary>
    public SlotShare Share { get; }

    /// <summary>Gets the conversation, for the one caller.</summary>
    public SlotConversation Conversation { get; }

    public KvCacheStatistics Statistics
    {
        get
        {
            using (_gate.Enter())
                return _counters.ToStatistics(_plan, Share, Conversation, Sequence.Cells, _recall?.Archive);
        }
    }

    /// <summary>Gets or sets by what callers find the conversation. From any thread.</summary>
    public ConversationTrace Trace
    {
        get
        {
            using (_gate.Enter())
                return _counters.Trace;
        }
        set
        {
            using (_gate.Enter())
                _counters.Trace = value;
        }
    }

    /// <summary>Gets the number of the last staged token in its batch, by which its logits are found.</summary>
    public int Output { get; private set; }

    /// <summary>Gets whether tokens are to be read again before anything else.</summary>
    public bool ReadsAgain => _reading is { Pending: > 0 } || _renewal is { Pending: > 0 };

    /// <summary>Gets whether some of these are in the batch.</summary>
    public bool StagesAgain => _reading is { Staged: > 0 } || _renewal is { Staged: > 0 };

    public LlamaSequence Sequence { get; }

    /// <summary>Gets the (layer, head) pairs: rows of one cell.</summary>
    public int HeadCount => _plan.HeadCount;

    private RowLedger Ledger => Conversation.Ledger;

    /// <summary>Every token of the conversation, how much of it is held, and what came back for the last message.</summary>
    public HeldTokens Retention()
    {
        using (_gate.Enter())
        {
            float[] held = Ledger.Retention();
            _reading?.Mark(held);
            return new HeldTokens(Conversation.Tokens.ToArray(), held, Conversation.Recalled.Spans);
        }
    }

    /// <summary>
    /// Takes the conversation back to the longest beginning of a prompt from which it can be taken up again; the rest of the prompt must be
    /// decoded.
    /// </summary>
    /// <param name="prompt">The whole prompt.</param>
    /// <param name="answer">The maximum of tokens of the answer.</param>
    /// <returns>Tokens of the prompt that need not be decoded again.</returns>
    public int Resume(ReadOnlySpan<int> prompt, int answer = 0)
    {
        ArgumentOutOfRangeException.ThrowIfZero(prompt.Length);
        _renewal?.Forget();
        int length = Conversation.ReusableLength(prompt);
        if (Ledger.Positions.Of(length) > length && _reading?.PositionsLeft(prompt.Length, answer) < 0)
        {
            Clear(); // what was read again has taken positions that the conversation needs now
            return 0;
        }

        if (length == Conversation.Length)
            return length;
        if (length > Ledger.RestorableLength(length))
        {
            Cut(length);
            return length;
        }

        bool isMoved = Ledger.Renumbered && length < Ledger.PackedLength;
        using (_gate.Enter())
            Conversation.Truncate(length);
        if (length == 0 || !Sequence.RemoveFrom(Ledger.NextPosition) || !HoldsWindow(isMoved))
        {
            Clear();
            return 0;
        }

        if (Ledger.PackedRows == 0)
            _scorer.Reset(); // last: it may be an application's own, and throw
        return length;
    }

    /// <summary>Says what must stay from now on. What was read again for the message before leaves the cache.</summary>
    /// <param name="prefix">Tokens at the start that are the system prompt.</param>
    /// <param name="firstMessageEnd">The index after the user's first message, which stays where it is short; 0 where there is none.</param>
    /// <param name="openStart">The first token of the message being answered.</param>
    /// <param name="openEnd">
    /// The index after its last. A message too long to stay whole beside the rest is not pinned: it is decoded and evicted like any text.
    /// </param>
    public void Pin(int prefix, int firstMessageEnd, int openStart, int openEnd)
    {
        Conversation.Pinned = Conversation.Pinned with { OpenStart = openStart, OpenEnd = openStart, Recalled = null };
        PinPrefix(prefix, firstMessageEnd);
        if (openEnd - openStart < _plan.RoomBeside(Conversation.Pinned.Front, Share.Capacity.Low))
            Conversation.Pinned = Conversation.Pinned with { OpenEnd = openEnd };
        Conversation.Recalled = RecalledSpans.None;
        if (_reading is not null && !_gate.Change(_reading.Drop))
            Clear();
    }

    /// <summary>A request or a load uses the conversation: what was evicted of others makes room first.</summary>
    public void Touch() => _recall?.Archive.Touch();

    /// <summary>
    /// Says where what is new begins. What was said before is found by its rare words when it is asked for, so where it can come back it
    /// is not held for them.
    /// </summary>
    public void Begin(int start) =>
        Conversation.Pinned = Conversation.Pinned with { RareFrom = _recall is null && _reading is null ? 0 : start };

    /// <summary>Says which of the first tokens stay from now on. What came back for the message being answered stays, too.</summary>
    /// <inheritdoc cref="Pin"/>
    public void PinPrefix(int prefix, int firstMessageEnd)
    {
        int front = _plan.Front(prefix);
        PinnedTokens pinned = Conversation.Pinned with { Prefix = front, FirstMessageEnd = _plan.FirstMessage(firstMessageEnd, front) };
        Conversation.Pinned = _plan.Fit(pinned, Share.Capacity);
    }

    /// <summary>
    /// Puts tokens into the context's batch, evicting first where there is no room. <see cref="Commit"/> or <see cref="Rollback"/> must
    /// follow the decode.
    /// </summary>
    /// <param name="tokens">What is to be decoded, at least one.</param>
    /// <param name="maximum">The maximum of tokens to take.</param>
    /// <param name="logits">Whether the logits of the last of all tokens will be asked for.</param>
    /// <returns>How many tokens were taken, from the first on; none while there is something to be read again first.</returns>
    public int Stage(ReadOnlySpan<int> tokens, int maximum, bool logits)
    {
        if (_renewal is { Pending: > 0 })
            return StageHeld(maximum);
        int most = Math.Min(Sequence.Context.Batch.Room, maximum);
        _shared?.Reserve(this, Ledger.Cells + Math.Min(most, tokens.Length + (_reading?.Pending ?? 0)));
        if (Ledger.Cells >= Share.Capacity.High)
            MakeRoom();
        int room = Math.Min(most, Share.Capacity.High - Ledger.Cells);
        int again = Math.Min(_reading?.Pending ?? 0, room);
        int count = again == (_reading?.Pending ?? 0) ? Math.Min(tokens.Length, room - again) : 0;
        int position = Ledger.NextPosition;
        if (_renewal?.IsDue(position + again + count) == true)
        {
            Renew();
            return StageHeld(maximum);
        }

        _reading?.Stage(again, position);
        if (count > 0)
            Output = Sequence.Stage(tokens[..count], position + again, logits && count == tokens.Length);
        return count;
    }

    /// <summary>The staged tokens were decoded.</summary>
    public void Commit(ReadOnlySpan<int> tokens)
    {
        using (_gate.Enter())
        {
            _counters.CountDecoded(tokens.Length + (_reading?.Staged ?? 0) + (_renewal?.Staged ?? 0));
            _renewal?.Commit();
            _reading?.Commit();
            Conversation.Append(tokens);
            Conversation.Queries?.Append(Sequence.Context.Queries!, Sequence.Id, Conversation.Length, tokens.Length);
        }
    }

    /// <summary>The decode of the staged tokens failed: those that got into the cache are taken out.</summary>
    public void Rollback()
    {
        _renewal?.Rollback();
        _reading?.Rollback();
        if (!Sequence.RemoveFrom(Ledger.NextPosition))
            Clear();
    }

    /// <summary>Forgets the conversation.</summary>
    public void Clear()
    {
        Sequence.Clear();
        using (_gate.Enter())
        {
            _renewal?.Forget();
            _reading?.Forget();
            Conversation.Truncate(0);
            Conversation.Pinned = Conversation.Pinned with { Recalled = null, RareFrom = 0 };
        }

        _scorer.Reset(); // last: it may be an application's own, and throw
    }

    /// <summary>The conversation as it is now, to be taken up again later or in another slot.</summary>
    /// <param name="state">Receives the rows.</param>
    /// <exception cref="InvalidOperationException">The policy's scorer saved statistics of another number of heads.</exception>
    public ConversationSnapshot Save(StateBuffer state)
    {
        ScorerStatistics? statistics = _scorer.Save();
        if (statistics is { Heads.Count: int saved } && saved != HeadCount)
            throw new InvalidOperationException($"The scorer of '{_plan.Policy.Name}' saved {saved} heads of a cache of {HeadCount}.");
        Sequence.ReadState(state);
        int[] tokens = Conversation.Tokens.ToArray();
        PinnedTokens pinned = Conversation.Pinned with { OpenStart = 0, OpenEnd = 0 };
        return new ConversationSnapshot(tokens, pinned, Ledger.Clone(), _plan.TakingBack, statistics, state)
        {
            Archive = _recall?.Archive.Share(),
            Queries = Conversation.Queries?.Clone(),
            Recalled = Conversation.Recalled,
            ReadAgain = _reading?.ReadAgain ?? [],
            Trace = Trace,
        };
    }

    /// <summary>The conversation as it is now, with a state of its own.</summary>
    public ConversationSnapshot Save()
    {
        StateBuffer state = new();
        try
        {
            return Save(state);
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <summary>Takes up a conversation of another time or slot. When it throws, the slot is empty.</summary>
    public void Restore(ConversationSnapshot saved)
    {
        Clear();
        try
        {
            Sequence.WriteState(saved.State);
            _scorer.Restore(saved.Statistics);
        }
        catch
        {
            Clear();
            throw;
        }

        using (_gate.Enter())
        {
            Conversation.Restore(saved);
            _reading?.Restore(saved.ReadAgain);
            _counters.Trace = saved.Trace;
        }
    }

    /// <inheritdoc cref="SlotRecall.MayFind"/>
    public bool MayRecall(int coming) => (_recall?.MayFind(coming) ?? _reading?.MayFind(coming)) == true;

    /// <summary>
    /// Brings back what was evicted of the spans that a question asks for, in one pass with an eviction that is due. They stay until the
    /// next message is pinned. Where the archive cannot be read, the question is answered without it. Where cells leave as a whole, the
    /// spans are read again: they are staged before what is staged next.
    /// </summary>
    /// <param name="question">The question.</param>
    /// <param name="coming">Tokens to be decoded next.</param>
    public RecalledSpans Recall(RecallQuestion question, int coming)
    {
        if (!MayRecall(coming))
            return RecalledSpans.None;
        return _recall?.Recall(question, coming) ?? _reading!.Recall(question, coming, keep => Evict(keep));
    }

    /// <summary>Evicts now.</summary>
    /// <param name="keep">Rows to keep in every head, fewer than there are and more than what must stay.</param>
    public EvictionTimings Evict(int keep)
    {
        long evicted = (long)(Ledger.Rows - keep) * HeadCount;
        return _gate.Change(() =>
        {
            EvictionTimings timings = _evictor.Evict(Conversation.Pinned, keep);
            Conversation.Queries?.Clear(); // they are of the rows as they stood before
            _counters.CountEviction(evicted, timings);
            Conversation.NoteEviction();
            return timings;
        });
    }

    /// <summary>Gives up rows for another slot, while nothing is being answered here.</summary>
    /// <param name="keep">Rows that stay, more than what must stay; none goes where there are no more.</param>
    public void GiveUp(int keep)
    {
        PinnedTokens pinned = Conversation.Pinned;
        Pin(pinned.Prefix, pinned.FirstMessageEnd, 0, 0); // what was asked last may be longer than what stays
        Begin(Conversation.Length);
        if (keep < Ledger.Rows)
            Evict(keep);
    }

    /// <summary>
    /// What another policy's scorer says of the rows, spans included: (rows) of each (layer, head) pair, none of layers that are skipped.
    /// </summary>
    public float[][] Score(EvictionPolicy policy)
    {
        EvictionRules rules = _plan.Rules with { Policy = policy };
        RowScorer scorer = new(rules, _plan.CreateScorer(policy), Ledger, Conversation.Spans, Conversation.Queries);
        scorer.Score(scorer.NeedsState ? _evictor.Snapshot() : null, Ledger.LogicalLength, Conversation.Pinned.RareFrom);
        return [.. Enumerable.Range(0, HeadCount).Select(ScoresOf)];

        float[] ScoresOf(int head) => rules.Sets.IsScoring(head) ? scorer.Scores(head, Ledger.Rows).ToArray() : [];
    }

    // Where there are too few rows to evict, what was read again goes.
    private void MakeRoom()
    {
        if (!EvictToMark())
            _gate.Change(DropReadAgain);
    }

    // Whether there were rows that could go.
    private bool EvictToMark()
    {
        int keep = _plan.KeptBeside(Conversation.Pinned.Count, Share.Capacity);
        if (keep >= Ledger.Rows)
            return false;
        Touch(); // others may have begun since
        Evict(keep);
        return true;
    }

    private bool DropReadAgain() =>
        _reading!.Drop() ? true : throw new NotSupportedException("What was read again cannot leave this model's memory.");

    // There is room for more before the next time.
    private void Renew() => _gate.Change(() =>
    {
        bool evicted = EvictToMark();
        _reading?.Forget();
        _renewal!.Begin();
        _counters.CountRenewal();
        return evicted;
    });

    private int StageHeld(int maximum)
    {
        _renewal!.Stage(Math.Min(Sequence.Context.Batch.Room, maximum));
        return 0;
    }

    private void Cut(int length) => _gate.Change(() =>
    {
        _evictor.Cut(Conversation.Pinned, length);
        Conversation.Queries?.Clear();
        Conversation.TruncateText(length);
        return length;
    });

    // Layers with a sliding window reuse the cells before it: going back further than they still hold would leave them without their past.
    private bool HoldsWindow(bool isMoved)
    {
        if (_plan.Model.SlidingWindow == 0)
            return true;
        bool isWhole = _plan.Probe.Mechanism != EvictionMechanism.RemoveCells || Ledger.PackedRows == 0;
        if (isMoved || !isWhole)
            return false; // there are later tokens at these positions now, or a gap that the lowest position does not show
        int lowest = Sequence.LowestPosition();
        return lowest >= 0 && lowest <= Math.Max(0, Ledger.NextPosition - _plan.Model.SlidingWindow);
    }
}
