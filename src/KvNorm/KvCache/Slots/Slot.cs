using System.Runtime.InteropServices;
using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>
/// One slot of the cache: one conversation in one sequence. Reads tokens, evicts before a batch would not fit, and knows the whole logical conversation.
/// One caller at a time; <see cref="Statistics"/> and <see cref="Retention"/> may be read from any thread.
/// </summary>
internal sealed class Slot
{
    private readonly Lock _gate = new(); // over what other threads may look at: ledger, tokens, counters
    private readonly LlamaSequence _sequence;
    private readonly CachePlan _plan;
    private readonly KeyScorer _scorer;
    private readonly Evictor _evictor;
    private readonly RowLedger _ledger;
    private readonly SpanMap _spans;
    private readonly List<int> _tokens = [];
    private PinnedTokens _pinned;
    private long _tokensSeen, _evictedRows;
    private int _evictions;
    private double _evictionMilliseconds;
    private EvictionTimings? _lastEviction;

    /// <summary>Makes an empty slot.</summary>
    /// <param name="sequence">Where its cells are.</param>
    /// <param name="plan">What holds for all slots.</param>
    /// <param name="buffer">For states on their way; all slots may share one.</param>
    /// <exception cref="KvCacheBudgetException">The budget is too small for any conversation.</exception>
    public Slot(LlamaSequence sequence, CachePlan plan, StateBuffer buffer)
    {
        (_sequence, _plan) = (sequence, plan);
        Pin(0, 0, 0);
        _ledger = plan.CreateLedger();
        _spans = SpanMap.For(plan.Model.Vocabulary);
        _scorer = plan.CreateScorer();
        RowChooser chooser = new(plan.Policy, _scorer, plan.Probe.Geometry, plan.Rotations, _ledger, _spans, plan.Capacity, plan.Threads);
        _evictor = plan.Probe.Mechanism != EvictionMechanism.RemoveCells
            ? new RowEvictor(sequence, buffer, plan.Probe.Geometry!, plan.Rotations, _ledger, chooser, plan.Threads)
            : new CellEvictor(sequence, buffer, _ledger, chooser);
    }

    /// <summary>Gets the tokens of the conversation so far, held or not.</summary>
    public int LogicalLength => _tokens.Count;

    public KvCacheStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return new KvCacheStatistics
                {
                    Cells = _ledger.Rows,
                    Capacity = _plan.Capacity.Cells,
                    BytesPerCell = _plan.Probe.BytesPerCell,
                    AllocatedBytes = _sequence.Cells * _plan.Probe.BytesPerCell,
                    LogicalTokens = _tokens.Count,
                    TokensSeen = _tokensSeen,
                    Evictions = _evictions,
                    EvictedRows = _evictedRows,
                    EvictionMilliseconds = _evictionMilliseconds,
                    LastEviction = _lastEviction,
                    Mechanism = _plan.Probe.Mechanism,
                };
            }
        }
    }

    /// <summary>Gets the number of the last staged token in its batch, by which its logits are found.</summary>
    public int Output { get; private set; }

    internal LlamaSequence Sequence => _sequence;

    /// <summary>Gets the (layer, head) pairs: rows of one cell.</summary>
    internal int HeadCount => _plan.HeadCount;

    /// <summary>Every logical token and the share of (layer, head) pairs that still hold it, both (LogicalLength).</summary>
    public (int[] Tokens, float[] Held) Retention()
    {
        lock (_gate)
            return ([.. _tokens], _ledger.Retention());
    }

    /// <summary>How many tokens of a prompt need not be read again when the conversation goes on with it. At least the last one is read, since its logits are wanted.</summary>
    public int ReusableLength(ReadOnlySpan<int> prompt) => ResumableLength(Math.Min(CommonLength(prompt), prompt.Length - 1));

    /// <summary>How many tokens the conversation and a prompt begin with in common.</summary>
    public int CommonLength(ReadOnlySpan<int> prompt) => CollectionsMarshal.AsSpan(_tokens).CommonPrefixLength(prompt);

    /// <summary>Takes the conversation back to the longest beginning of a prompt that the cache can be taken up again from; the rest of the prompt must be read.</summary>
    /// <param name="prompt">The whole prompt.</param>
    /// <returns>Tokens of the prompt that need not be read again.</returns>
    public int Resume(ReadOnlySpan<int> prompt)
    {
        ArgumentOutOfRangeException.ThrowIfZero(prompt.Length);
        int length = ReusableLength(prompt);
        if (length == _tokens.Count)
            return length;
        if (length > _ledger.RestorableLength(length))
        {
            Cut(length);
            return length;
        }

        lock (_gate)
        {
            _ledger.Truncate(length);
            DropTokens(length);
        }

        if (_ledger.PackedRows == 0)
            _scorer.Reset();
        if (length > 0 && _sequence.RemoveFrom(_ledger.NextPosition) && HoldsWindow(length))
            return length;
        Clear();
        return 0;
    }

    /// <summary>Says what must stay from now on.</summary>
    /// <param name="prefix">Tokens at the start that are the system prompt.</param>
    /// <param name="openStart">The first token of the message being answered.</param>
    /// <param name="openEnd">One behind its last. A message too long to stay whole beside the rest is not pinned: it is read and evicted like any text.</param>
    /// <exception cref="KvCacheBudgetException">The system prompt and the recent window do not fit into what an eviction keeps.</exception>
    public void Pin(int prefix, int openStart, int openEnd)
    {
        int front = Math.Max(prefix, _plan.Policy.Sinks);
        int room = _plan.RoomBeside(front);
        bool fits = openEnd - openStart < room;
        _pinned = new PinnedTokens(front, openStart, fits ? openEnd : openStart);
    }

    /// <summary>Reads tokens behind the last one. On any exception the cache holds what was read before the failing batch.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="logits">Whether the logits of the last one will be asked for.</param>
    /// <param name="cancellationToken">Stops between batches, and on the CPU inside them.</param>
    public void Read(ReadOnlySpan<int> tokens, bool logits, CancellationToken cancellationToken = default)
    {
        while (!tokens.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _sequence.Context.Batch.Clear();
            int count = Stage(tokens, tokens.Length, logits);
            try
            {
                _sequence.Context.Decode(cancellationToken);
            }
            catch
            {
                Rollback();
                throw;
            }

            Commit(tokens[..count]);
            tokens = tokens[count..];
        }
    }

    /// <summary>Puts tokens into the context's batch, evicting first where there is no room. <see cref="Commit"/> or <see cref="Rollback"/> must follow the decode.</summary>
    /// <param name="tokens">What is to be read, at least one.</param>
    /// <param name="most">The most tokens to take.</param>
    /// <param name="logits">Whether the logits of the last of all tokens will be asked for.</param>
    /// <returns>How many tokens were taken, from the first on.</returns>
    public int Stage(ReadOnlySpan<int> tokens, int most, bool logits)
    {
        if (_ledger.Rows >= _plan.Capacity.High)
            Evict();
        int count = Math.Min(Math.Min(tokens.Length, most), Math.Min(_sequence.Context.Batch.Room, _plan.Capacity.High - _ledger.Rows));
        if (count == 0)
            return 0;
        int position = _ledger.NextPosition, trained = _plan.Model.TrainedLength;
        if (trained > 0 && position + count > trained)
            throw new NotSupportedException($"The conversation has reached the {trained} tokens the model was trained for, and the positions of this model's cache cannot be renumbered. Start a new conversation.");
        Output = _sequence.Stage(tokens[..count], position, logits && count == tokens.Length);
        return count;
    }

    /// <summary>The staged tokens were read.</summary>
    public void Commit(ReadOnlySpan<int> tokens)
    {
        Append(tokens);
        _tokensSeen += tokens.Length;
    }

    /// <summary>The decode of the staged tokens failed: those that got into the cache are taken out.</summary>
    public void Rollback()
    {
        if (!_sequence.RemoveFrom(_ledger.NextPosition))
            Clear();
    }

    /// <summary>Forgets the conversation.</summary>
    public void Clear()
    {
        _sequence.Clear();
        _scorer.Reset();
        lock (_gate)
        {
            _ledger.Truncate(0);
            _tokens.Clear();
            _spans.Truncate(0);
        }
    }

    /// <summary>Whether everything here is the beginning of a conversation.</summary>
    public bool IsBeginningOf(ReadOnlySpan<int> tokens) => _tokens.Count > 0 && CommonLength(tokens) == _tokens.Count;

    /// <summary>Whether a prompt goes on with this conversation, rather than with another one that begins in the same way: behind the system prompt, at least half of the shorter one is the other's, too.</summary>
    public bool IsContinuedBy(ReadOnlySpan<int> prompt) => ConversationSnapshot.IsContinuedBy(prompt, CollectionsMarshal.AsSpan(_tokens), _pinned.Prefix);

    /// <summary>The conversation as it is now, to be taken up again later or in another slot.</summary>
    /// <param name="state">Receives the rows.</param>
    public ConversationSnapshot Save(StateBuffer state)
    {
        _sequence.ReadState(state);
        return new ConversationSnapshot([.. _tokens], _pinned.Prefix, _ledger.Clone(), _plan.CanCut, _scorer.Save(), state);
    }

    /// <summary>Takes up a conversation of another time or slot. When it throws, the slot is empty.</summary>
    public void Restore(ConversationSnapshot saved)
    {
        Clear();
        _sequence.WriteState(saved.State);
        _scorer.Restore(saved.Statistics);
        lock (_gate)
        {
            _ledger.CopyFrom(saved.Ledger);
            _tokens.AddRange(saved.Tokens);
            _spans.Append(saved.Tokens);
        }

        _pinned = new PinnedTokens(saved.Prefix, 0, 0);
    }

    internal EvictionTimings Evict()
    {
        try
        {
            EvictionTimings timings;
            int before = _ledger.Rows;
            lock (_gate)
            {
                timings = _evictor.Evict(_pinned, _plan.Capacity.Low);
                _evictions++;
                _evictedRows += (long)(before - _plan.Capacity.Low) * _plan.HeadCount;
                _evictionMilliseconds += timings.Total;
                _lastEviction = timings;
            }

            return timings;
        }
        catch
        {
            Clear(); // the rows may be half moved; the next call reads the conversation again
            throw;
        }
    }

    private int ResumableLength(int length) => _plan.CanCut ? _ledger.ResumableLength(length, _pinned.Prefix) : _ledger.RestorableLength(length);

    private void Cut(int length)
    {
        try
        {
            lock (_gate)
            {
                _evictor.Cut(_pinned, length);
                DropTokens(length);
            }
        }
        catch
        {
            Clear(); // as after a failed eviction
            throw;
        }
    }

    private void DropTokens(int length)
    {
        _tokens.RemoveRange(length, _tokens.Count - length);
        _spans.Truncate(length);
    }

    // Layers with a sliding window reuse the cells behind it: going back further than they still hold would leave them without their past.
    private bool HoldsWindow(int position)
    {
        if (_plan.Model.SlidingWindow == 0)
            return true;
        if (_ledger.PackedRows > 0)
            return false; // cells kept by an eviction may stand before a gap that the lowest position does not show
        int lowest = _sequence.LowestPosition();
        return lowest >= 0 && lowest <= Math.Max(0, position - _plan.Model.SlidingWindow);
    }

    private void Append(ReadOnlySpan<int> tokens)
    {
        lock (_gate)
        {
            _ledger.Append(tokens.Length);
            _tokens.AddRange(tokens);
            _spans.Append(tokens);
        }
    }
}
