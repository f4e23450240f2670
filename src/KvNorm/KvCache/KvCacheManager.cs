using System.Runtime.InteropServices;
using KvNorm.Llama;
using Microsoft.Extensions.Logging;

namespace KvNorm.KvCache;

/// <summary>
/// One conversation in one cache: reads tokens, evicts before a batch would not fit, and knows the whole logical conversation.
/// One caller at a time; <see cref="Statistics"/> and <see cref="Retention"/> may be read from any thread.
/// </summary>
internal sealed class KvCacheManager : IDisposable
{
    /// <summary>Tokens of one decode during prefill: enough to keep the matrix units busy, few enough that a GPU's decode, which cannot be stopped, ends soon.</summary>
    private const int LargestBatch = 512;

    private readonly Lock _gate = new(); // over what other threads may look at: ledger, tokens, counters
    private readonly LlamaContext _context;
    private readonly KeyScorer _scorer;
    private readonly Evictor _evictor;
    private readonly EvictionPolicy _policy;
    private readonly CacheCapacity _capacity;
    private readonly KvCacheBudget _budget;
    private readonly RowLedger _ledger;
    private readonly SpanMap _spans;
    private readonly List<int> _tokens = [];
    private readonly long _bytesPerCell;
    private readonly int _trainedLength;
    private readonly int _headCount; // (layer, head) pairs
    private readonly int _slidingWindow; // tokens; 0 for none
    private readonly EvictionMechanism _mechanism;
    private PinnedTokens _pinned;
    private long _tokensSeen, _evictedRows;
    private int _evictions;
    private double _evictionMilliseconds;
    private EvictionTimings? _lastEviction;

    /// <summary>Makes the cache.</summary>
    /// <param name="model">The model, which must outlive it.</param>
    /// <param name="probe">What is known of the model's cache.</param>
    /// <param name="budget">How large it may become.</param>
    /// <param name="policy">What stays.</param>
    /// <param name="threads">CPU threads.</param>
    /// <param name="logger">Told when the mechanism or the policy is a weaker one than asked for.</param>
    /// <exception cref="KvCacheBudgetException">The budget is too small for any conversation.</exception>
    public KvCacheManager(LlamaModel model, ModelProbe probe, KvCacheBudget budget, EvictionPolicy policy, int threads, ILogger logger)
    {
        policy.Validate();
        _capacity = budget.Resolve(probe.BytesPerCell, model.TrainedLength);
        policy = policy.Covering(model.SlidingWindow, _capacity.Low);
        (_budget, _policy, _bytesPerCell, _trainedLength, _slidingWindow) = (budget, policy, probe.BytesPerCell, model.TrainedLength, model.SlidingWindow);
        Pin(0, 0, 0);
        _context = new LlamaContext(model, new LlamaContextSettings(_capacity.Cells, Math.Min(LargestBatch, _capacity.High), threads));
        probe = probe.ConfirmIn(_context, model);
        _mechanism = probe.Mechanism;
        _headCount = probe.Geometry?.HeadCount ?? 1;
        bool rewrites = probe.Mechanism != EvictionMechanism.RemoveCells;
        _ledger = new RowLedger(rewrites ? _headCount : 1, _capacity.Low, probe.Mechanism == EvictionMechanism.RewriteRows);
        _spans = SpanMap.For(model.Vocabulary);
        _scorer = policy.CreateScorer(_headCount);
        if (probe.Mechanism != EvictionMechanism.RewriteRows)
            LogMessages.KeepsPositions(logger, model.Name, probe.Mechanism, probe.Reason, model.TrainedLength);
        if (_scorer.NeedsKeys && probe.Geometry is null)
        {
            LogMessages.KeysUnreadable(logger, model.Name, policy.Name, probe.Reason);
            _scorer = new RecencyScorer();
        }

        IReadOnlyList<RopeRotation?>? rotations = probe.Mechanism == EvictionMechanism.RewriteRows
            ? RopeRotation.ForLayers(model.RopeType, probe.Frequencies!, _capacity.Cells)
            : null;
        RowChooser chooser = new(policy, _scorer, probe.Geometry, rotations, _ledger, _spans, _capacity, threads);
        _evictor = rewrites
            ? new RowEvictor(_context, probe.Geometry!, rotations, _ledger, chooser, threads)
            : new CellEvictor(_context, _ledger, chooser);
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
                    Capacity = _capacity.Cells,
                    BytesPerCell = _bytesPerCell,
                    AllocatedBytes = _context.Cells * _bytesPerCell,
                    LogicalTokens = _tokens.Count,
                    TokensSeen = _tokensSeen,
                    Evictions = _evictions,
                    EvictedRows = _evictedRows,
                    EvictionMilliseconds = _evictionMilliseconds,
                    LastEviction = _lastEviction,
                    Mechanism = _mechanism,
                };
            }
        }
    }

    internal LlamaContext Context => _context;

    /// <summary>Gets the (layer, head) pairs: rows of one cell.</summary>
    internal int HeadCount => _headCount;

    /// <summary>Every logical token and the share of (layer, head) pairs that still hold it, both (LogicalLength).</summary>
    public (int[] Tokens, float[] Held) Retention()
    {
        lock (_gate)
            return ([.. _tokens], _ledger.Retention());
    }

    /// <summary>
    /// Takes the conversation back to the longest beginning of a prompt that the cache can be taken up again from; the rest of the prompt must be read.
    /// At least the last token is left to read, since its logits are wanted.
    /// </summary>
    /// <param name="prompt">The whole prompt.</param>
    /// <returns>Tokens of the prompt that need not be read again.</returns>
    public int Resume(ReadOnlySpan<int> prompt)
    {
        ArgumentOutOfRangeException.ThrowIfZero(prompt.Length);
        int common = CollectionsMarshal.AsSpan(_tokens).CommonPrefixLength(prompt);
        int length = _ledger.RestorableLength(Math.Min(common, prompt.Length - 1));
        if (length == _tokens.Count)
            return length;
        lock (_gate)
        {
            _ledger.Truncate(length);
            _tokens.RemoveRange(length, _tokens.Count - length);
            _spans.Truncate(length);
        }

        if (_ledger.PackedRows == 0)
            _scorer.Reset();
        if (length > 0 && _context.RemoveFrom(_ledger.NextPosition) && HoldsWindow(length))
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
        int front = Math.Max(prefix, _policy.Sinks);
        int recent = _policy.RecentRows(_capacity.Low);
        int room = _capacity.Low - front - recent;
        if (room < 1)
        {
            long required = (long)Math.Ceiling((front + 2) / (1 - _policy.RecentWindow) / _budget.LowMark);
            string enough = _trainedLength > 0 && required > _trainedLength
                ? $"no budget is enough, since the model was trained for {_trainedLength} tokens"
                : $"give the cache at least {required} cells ({required * _bytesPerCell / (double)(1 << 20):0.#} MiB)";
            throw new KvCacheBudgetException(
                $"The system prompt and the first tokens take {front} cells and the recent window {recent}, but an eviction keeps only {_capacity.Low} of the {_capacity.Cells} cells: {enough}, or shorten the system prompt.",
                required,
                _capacity.Cells);
        }

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
            if (_ledger.Rows >= _capacity.High)
                Evict();
            int count = Math.Min(tokens.Length, Math.Min(_context.BatchSize, _capacity.High - _ledger.Rows));
            Decode(tokens[..count], logits && count == tokens.Length, cancellationToken);
            tokens = tokens[count..];
        }
    }

    /// <summary>Forgets the conversation.</summary>
    public void Clear()
    {
        _context.Clear();
        _scorer.Reset();
        lock (_gate)
        {
            _ledger.Truncate(0);
            _tokens.Clear();
            _spans.Truncate(0);
        }
    }

    public void Dispose()
    {
        _evictor.Dispose();
        _context.Dispose();
    }

    /// <summary>Takes over a state that another cache of this model read from these tokens, so that one prefill can serve several caches.</summary>
    internal void Adopt(ReadOnlySpan<int> tokens, StateBuffer state)
    {
        Clear();
        _context.WriteState(state);
        Append(tokens);
    }

    internal EvictionTimings Evict()
    {
        try
        {
            EvictionTimings timings;
            int before = _ledger.Rows;
            lock (_gate)
            {
                timings = _evictor.Evict(_pinned, _capacity.Low);
                _evictions++;
                _evictedRows += (long)(before - _capacity.Low) * _headCount;
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

    // Layers with a sliding window reuse the cells behind it: going back further than they still hold would leave them without their past.
    private bool HoldsWindow(int position)
    {
        if (_slidingWindow == 0)
            return true;
        if (_ledger.PackedRows > 0)
            return false; // cells kept by an eviction may stand before a gap that the lowest position does not show
        int lowest = _context.LowestPosition();
        return lowest >= 0 && lowest <= Math.Max(0, position - _slidingWindow);
    }

    private void Decode(ReadOnlySpan<int> tokens, bool logits, CancellationToken cancellationToken)
    {
        int position = _ledger.NextPosition;
        if (_trainedLength > 0 && position + tokens.Length > _trainedLength)
            throw new NotSupportedException($"The conversation has reached the {_trainedLength} tokens the model was trained for, and the positions of this model's cache cannot be renumbered. Start a new conversation.");
        try
        {
            _context.Decode(tokens, position, logits, cancellationToken);
        }
        catch
        {
            if (!_context.RemoveFrom(position))
                Clear();
            throw;
        }

        Append(tokens);
        _tokensSeen += tokens.Length;
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
