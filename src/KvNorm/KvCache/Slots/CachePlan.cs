using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Scoring;
using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>What holds for all slots of a cache.</summary>
/// <param name="Model">The model.</param>
/// <param name="Probe">What is known of its cache, in the context that is used.</param>
/// <param name="Budget">What was asked for, for all slots.</param>
/// <param name="Capacity">One slot's share of it.</param>
/// <param name="Slots">Conversations at a time.</param>
/// <param name="Policy">What stays.</param>
/// <param name="Rotations">What turns keys, per layer; null when rows keep their positions.</param>
/// <param name="Threads">CPU threads.</param>
internal sealed record CachePlan(
    LlamaModel Model, ModelProbe Probe, KvCacheBudget Budget, CacheCapacity Capacity, int Slots, EvictionPolicy Policy, IReadOnlyList<RopeRotation?>? Rotations, int Threads)
{
    /// <summary>Gets the (layer, head) pairs: rows of one cell.</summary>
    public int HeadCount => Probe.Geometry?.HeadCount ?? 1;

    /// <summary>Gets whether rows can be taken out of the middle: layers with a sliding window would be left without the cells behind it.</summary>
    public bool CanCut => Model.SlidingWindow == 0;

    /// <summary>Gets whether the rows can leave the process: whether they are known in every byte.</summary>
    public bool CanSave => Probe.Mechanism != EvictionMechanism.RemoveCells;

    /// <summary>Whether the policy's scorer wants keys that cannot be read.</summary>
    public bool LacksKeys => Probe.Geometry is null && Policy.CreateScorer(HeadCount).NeedsKeys;

    /// <summary>A ledger for one conversation.</summary>
    public RowLedger CreateLedger() => new(CanSave ? HeadCount : 1, Capacity.Low, Probe.Mechanism == EvictionMechanism.RewriteRows);

    /// <summary>A scorer for one conversation: the policy's, or the most recent rows where there are no keys to look at.</summary>
    public KeyScorer CreateScorer() => LacksKeys ? new RecencyScorer() : Policy.CreateScorer(HeadCount);

    /// <summary>The cells of a slot that an eviction leaves beside the first tokens and the recent window.</summary>
    /// <param name="front">The system prompt, at least the sinks.</param>
    /// <exception cref="KvCacheBudgetException">There are none.</exception>
    public int RoomBeside(int front)
    {
        int recent = Policy.RecentRows(Capacity.Low);
        int room = Capacity.Low - front - recent;
        if (room > 0)
            return room;
        long required = (long)Math.Ceiling((front + 2) / (1 - Policy.RecentWindow) / Budget.LowMark);
        string each = Slots > 1 ? $" for each of {Slots} slots" : "";
        string enough = Model.TrainedLength > 0 && required > Model.TrainedLength
            ? $"no budget is enough, since the model was trained for {Model.TrainedLength} tokens"
            : $"give the cache at least {required} cells{each} ({required * Slots * Probe.BytesPerCell / (double)(1 << 20):0.#} MiB)";
        throw new KvCacheBudgetException(
            $"The system prompt and the first tokens take {front} cells and the recent window {recent}, but an eviction keeps only {Capacity.Low} of the {Capacity.Cells} cells: {enough}, or shorten the system prompt.",
            required * Slots,
            (long)Capacity.Cells * Slots);
    }
}
