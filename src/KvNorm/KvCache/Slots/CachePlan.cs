using System.Runtime.InteropServices;
using KvNorm.KvCache.Attention;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Scoring;
using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>What holds for all slots of a cache.</summary>
/// <param name="Model">The model.</param>
/// <param name="Probe">What is known of its cache.</param>
/// <param name="Budget">What was asked for, for all slots.</param>
/// <param name="Shares">How it is shared out.</param>
/// <param name="Slots">Conversations at a time.</param>
/// <param name="Rules">What holds for evictions.</param>
internal sealed record CachePlan(
    LlamaModel Model, ModelProbe Probe, KvCacheBudget Budget, CellShares Shares, int Slots, EvictionRules Rules)
{
    /// <summary>The share of the cells that an eviction frees at least, so that many tokens share its cost.</summary>
    private const double LeastFreed = 1.0 / 16;

    /// <summary>A first message that takes more than this share of what an eviction keeps does not stay for good.</summary>
    private const double ShortMessage = 1.0 / 8;

    /// <summary>Gets the shape of each layer's queries; null where they are not read.</summary>
    public IReadOnlyList<QueryShape>? Queries { get; private init; }

    /// <summary>Gets what every slot has, whatever the others hold.</summary>
    public CacheCapacity Capacity => Shares.Least;

    /// <summary>Gets the pools of cells, of which a state says something of each.</summary>
    public int Streams => Shares.Unified ? 1 : Slots;

    /// <summary>Gets the fewest cells that are worth an eviction.</summary>
    public int LeastWorthFreeing => (int)Math.Ceiling(Shares.Equal.Cells * LeastFreed);

    /// <summary>Gets of how many of a conversation's latest tokens the queries are read; 0 for none.</summary>
    public int QueryWindow => Math.Min(AttentionWindowOf(Policy), Shares.Most.Cells);

    /// <summary>Gets the (layer, head) pairs: rows of one cell.</summary>
    public int HeadCount => Rules.Geometry.HeadCount;

    public EvictionPolicy Policy => Rules.Policy;

    public int Threads => Rules.Threads;

    /// <summary>
    /// Gets how conversations can be taken back. A cut would leave layers with a sliding window without the cells before the later rows.
    /// </summary>
    public TakingBack TakingBack =>
        Model.IsRecurrent ? TakingBack.Never : Model.SlidingWindow > 0 ? TakingBack.DropsRows : TakingBack.Cuts;

    /// <summary>Gets whether the rows can leave the process: whether they are known in every byte, and are one cache.</summary>
    public bool CanSave => Probe.Mechanism != EvictionMechanism.RemoveCells && Probe.Window is null;

    /// <summary>
    /// Gets the maximum of bytes of host memory that evictions keep from one to the next: what one slot at a time needs to score and to
    /// move its state, and what each needs to choose, its queries among it. Where cells leave as a whole there is no state.
    /// </summary>
    public long EvictionBytes
    {
        get
        {
            bool rewrites = Probe.Mechanism != EvictionMechanism.RemoveCells;
            long cells = Shares.Most.Cells, state = rewrites ? SequenceState.BytesOf(Rules.Geometry, Shares.Most.Cells) : 0;
            long window = rewrites ? Probe.Cost.BytesOf(cells) - (cells * Probe.Cost.Bytes) : 0;
            long chosen = 2L * sizeof(int) * Rules.Sets.Count * Shares.Most.Low; // which rows stay, and which token each is
            long turns = Rules.Rotations?.OfType<RopeRotation>().Distinct().Sum(static rotation => rotation.Bytes) ?? 0;
            long attention = QueryWindow > 0 ? (sizeof(int) + sizeof(float)) * HeadCount * cells : 0; // what the scorer remembers of each row
            return state + window + turns + QueryBytes + (Slots * (chosen + attention)) + ScoringBuffers.MaximumBytes(Rules, CreateScorer())
                + TokenPieces.BytesOf(Model.Vocabulary);
        }
    }

    // Those that are known of every slot's latest tokens, and those of a batch that is being decoded.
    private long QueryBytes
    {
        get
        {
            long tokens = (long)Slots * QueryWindow, row = Queries?.Sum(static shape => (long)shape.Row) ?? 0;
            return (tokens + Math.Min(tokens, CellCost.LargestBatch)) * row * Marshal.SizeOf<Half>();
        }
    }

    /// <summary>Makes a plan.</summary>
    /// <param name="model">The model.</param>
    /// <param name="probe">What is known of its cache.</param>
    /// <param name="budget">What is asked for, for all slots.</param>
    /// <param name="policy">What stays.</param>
    /// <param name="threads">CPU threads.</param>
    /// <param name="slots">Conversations at a time.</param>
    /// <param name="unified">Whether they take cells of one pool.</param>
    /// <exception cref="KvCacheBudgetException">The budget is too small for any conversation.</exception>
    public static CachePlan Create(
        LlamaModel model,
        ModelProbe probe,
        KvCacheBudget budget,
        EvictionPolicy policy,
        int threads,
        int slots,
        bool unified = false)
    {
        policy.Validate();
        CellShares shares = CellShares.Of(budget, probe.Cost, model.TrainedLength, slots, unified);
        CacheGeometry geometry = probe.Geometry ?? CacheGeometry.Unreadable;
        policy = policy.WithWindowOver(model.SlidingWindow, shares.Equal.Low);
        if (IsBlind(probe, policy.CreateScorer(geometry.HeadCount)))
            policy = policy with { RarityWeight = 0 };
        RowSets sets = probe.Mechanism == EvictionMechanism.RemoveCells
            ? RowSets.OfWholeCells(geometry, policy)
            : RowSets.ByGranularity(geometry, policy);
        IReadOnlyList<RopeRotation?>? rotations = probe.Mechanism == EvictionMechanism.RewriteRows
            ? RopeRotation.ForLayers(model.RopeType, probe.Frequencies!, shares.Most.Cells)
            : null;
        EvictionRules rules = new(policy, geometry, sets, rotations, shares.Most.Cells, threads)
        {
            Window = probe.Window is { } window && rotations is not null
                ? new WindowCells(window, [.. rotations.Skip(geometry.Layers.Count)])
                : null,
        };
        CachePlan plan = new(model, probe, budget, shares, slots, rules);
        plan.KeptBeside(policy.Sinks, shares.Equal);
        return plan;
    }

    /// <summary>
    /// The plan for a context, whose sequences must be empty: a long context can turn keys otherwise than the short one of the probe.
    /// </summary>
    public CachePlan ConfirmedIn(LlamaContext context)
    {
        ModelProbe confirmed = Probe.ConfirmIn(context.Sequences[0], Model);
        CachePlan plan = confirmed == Probe ? this : Create(Model, confirmed, Budget, Policy, Threads, Slots, Shares.Unified);
        return context.Queries is null ? plan : plan.WithQueries(context.Sequences[0]);
    }

    /// <summary>Room for the queries of one conversation; null where they are not read.</summary>
    public QueryLog? CreateQueryLog() => Queries is null ? null : new QueryLog(Queries, QueryWindow);

    /// <summary>A ledger for one conversation.</summary>
    public RowLedger CreateLedger() => new(Rules.Sets, Probe.Mechanism == EvictionMechanism.RewriteRows);

    /// <summary>Requires that a slot can take a prompt, whatever has to be evicted of it.</summary>
    /// <param name="tokens">All its tokens.</param>
    /// <param name="systemTokens">Those at its start that must stay.</param>
    /// <exception cref="KvCacheBudgetException">What must stay leaves no room for anything else.</exception>
    public void RequireRoomFor(int tokens, int systemTokens)
    {
        if (tokens > Capacity.High)
            KeptBeside(Front(systemTokens), Shares.Equal);
    }

    /// <summary>
    /// A scorer for one conversation: the policy's, or the most recent rows where it wants to see rows that cannot be read.
    /// </summary>
    public KeyScorer CreateScorer() => CreateScorer(Policy);

    /// <inheritdoc cref="CreateScorer()"/>
    public KeyScorer CreateScorer(EvictionPolicy policy)
    {
        KeyScorer scorer = policy.CreateScorer(HeadCount);
        return IsBlind(Probe, scorer) ? new RecencyScorer() : scorer;
    }

    /// <summary>Requires that the attention was read that a policy looks at: it cannot be read afterwards.</summary>
    /// <exception cref="InvalidOperationException">It was not.</exception>
    public void RequireAttentionFor(EvictionPolicy policy)
    {
        if (AttentionWindowOf(policy) <= AttentionWindowOf(Policy))
            return;
        throw new InvalidOperationException(
            $"The policy '{policy.Name}' looks at attention, which is read while tokens are decoded: prefill them in a session of this "
            + $"policy or of one that looks at as much, such as 'h2o'; this one is of '{Policy.Name}'.");
    }

    /// <summary>
    /// The cells of a slot that an eviction leaves beside the first tokens and the recent window; below 1 when there are none.
    /// </summary>
    /// <param name="pinned">Tokens that stay: the system prompt, at least the sinks, and what was asked for.</param>
    /// <param name="kept">Rows that the eviction keeps.</param>
    public int RoomBeside(int pinned, int kept) => kept - pinned - Policy.RecentRows(kept);

    /// <summary>The first tokens that always stay: a system prompt, at least the sinks.</summary>
    /// <param name="prefix">Tokens of the system prompt.</param>
    public int Front(int prefix) => Math.Max(prefix, Policy.Sinks);

    /// <summary>
    /// The index after the user's first message where that stays as the system prompt does: where it is short and leaves as much room as
    /// it takes, of the cells that every slot has whatever the others hold.
    /// </summary>
    /// <param name="end">The index after it; no more than <paramref name="front"/> where there is none.</param>
    /// <param name="front">The first tokens that always stay.</param>
    /// <returns>The index; 0 where it does not stay.</returns>
    public int FirstMessage(int end, int front) =>
        end > front && end - front <= Math.Min(Capacity.Low * ShortMessage, RoomBeside(end, Capacity.Low)) ? end : 0;

    /// <summary>What stays, without the user's first message where there is no room beside all of it.</summary>
    /// <param name="pinned">What is to stay.</param>
    /// <param name="capacity">What the slot may use.</param>
    public PinnedTokens Fit(PinnedTokens pinned, CacheCapacity capacity)
    {
        pinned = pinned with { FirstMessageGivesWay = false };
        return pinned with { FirstMessageGivesWay = RoomBeside(pinned.Count, capacity.Low) <= 0 };
    }

    /// <summary>The fewest rows that an eviction can leave, so that some are neither the first tokens nor recent.</summary>
    /// <param name="pinned">Tokens that stay: the system prompt, at least the sinks, and what was asked for.</param>
    public int LeastBeside(int pinned) => (int)Math.Min(Math.Ceiling((pinned + 2.0) / (1 - Policy.RecentWindow)), int.MaxValue - 1);

    /// <summary>The cells that a slot must have so that evictions have something to choose from: at most an equal share.</summary>
    /// <param name="systemTokens">The system prompt.</param>
    public int LeastCellsFor(int systemTokens)
    {
        int front = Front(systemTokens);
        return RoomBeside(front, Capacity.Low) > 0
            ? Capacity.Cells
            : (int)Math.Clamp(CellsKeeping(LeastBeside(front)), Capacity.Cells, Shares.Equal.Cells);
    }

    /// <summary>
    /// The rows that an eviction keeps: down to the low mark, or as many more as what must stay and the recent window take.
    /// </summary>
    /// <param name="pinned">Tokens that stay: the system prompt, at least the sinks, and what was asked for.</param>
    /// <param name="capacity">What the slot may use.</param>
    /// <exception cref="KvCacheBudgetException">They take so much that next to nothing could go, and evictions would never end.</exception>
    public int KeptBeside(int pinned, CacheCapacity capacity)
    {
        if (RoomBeside(pinned, capacity.Low) > 0)
            return capacity.Low;
        int kept = LeastBeside(pinned), maximum = MaximumKept(capacity.High);
        if (kept <= maximum)
            return kept;
        long required = CellsKeeping(kept);
        string each = Slots > 1 ? $" for each of {Slots} slots" : "";
        string enough = Model.TrainedLength > 0 && required > Model.TrainedLength
            ? $"no budget is enough, since the model was trained for {Model.TrainedLength} tokens: "
            : $"give the cache at least {required} cells{each} ({Probe.Cost.BytesOf(required) * Slots / (double)(1 << 20):0.#} MiB), or ";
        throw new KvCacheBudgetException(
            $"What always stays, the system prompt and the first tokens, takes {pinned} cells and the recent window {kept - pinned}, "
            + $"but an eviction may keep only {maximum} of the {capacity.Cells} cells: "
            + $"{enough}shorten the system prompt, of which tools are a part.",
            required * Slots,
            Shares.Total);
    }

    // Wants to see rows that cannot be read: the most recent ones stay in its place.
    private static bool IsBlind(ModelProbe probe, KeyScorer scorer) => probe.Geometry is null && scorer.ReadsCache;

    private long CellsKeeping(int kept) => (long)Math.Ceiling((kept + 1) / (1 - LeastFreed) / Budget.HighMark);

    private int AttentionWindowOf(EvictionPolicy policy) => policy.CreateScorer(HeadCount).AttentionWindow;

    private CachePlan WithQueries(LlamaSequence sequence)
    {
        try
        {
            return this with { Queries = AttentionProbe.Run(sequence, Probe.Geometry) };
        }
        catch (Exception e) when (e is NotSupportedException or LlamaException)
        {
            throw new NotSupportedException(
                $"The policy '{Policy.Name}' looks at attention, which cannot be read of the model '{Model.Name}': {e.Message}.", e);
        }
    }

    private static int MaximumKept(int high) => high - Math.Max(1, (int)Math.Ceiling(high * LeastFreed));
}
