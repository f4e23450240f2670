using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Slots;

/// <summary>How the cells of a budget are shared out among slots.</summary>
/// <param name="Total">Cells of all slots together.</param>
/// <param name="Equal">An equal share.</param>
/// <param name="Least">What a slot has whatever the others hold.</param>
/// <param name="Most">What a slot may have while the others have no more than <paramref name="Least"/>.</param>
/// <param name="Unified">Whether the slots take cells of one pool; otherwise each has an equal share of its own.</param>
internal sealed record CellShares(int Total, CacheCapacity Equal, CacheCapacity Least, CacheCapacity Most, bool Unified)
{
    /// <summary>Shares out a budget.</summary>
    /// <param name="budget">The budget, for all slots.</param>
    /// <param name="cost">What cells cost. Those of layers with a window are fewer in one pool than in equal shares, never more.</param>
    /// <param name="trainedLength">Tokens the model was trained to read at once; 0 when unknown.</param>
    /// <param name="slots">Conversations at a time.</param>
    /// <param name="unified">Whether they may take cells of one pool.</param>
    /// <exception cref="KvCacheBudgetException">Not even the minimum of cells fits.</exception>
    public static CellShares Of(KvCacheBudget budget, CellCost cost, int trainedLength, int slots, bool unified)
    {
        CacheCapacity equal = budget.Resolve(cost, trainedLength, slots);
        int total = checked(equal.Cells * slots);
        if (!unified || slots == 1)
            return new CellShares(total, equal, equal, equal, Unified: false);

        // A conversation that gives up rows keeps as many as an eviction leaves of an equal share.
        int least = Math.Clamp(equal.Low, Math.Min(KvCacheBudget.MinimumCells, equal.Cells), equal.Cells);
        int most = Math.Min(total - ((slots - 1) * least), trainedLength > 0 ? trainedLength : int.MaxValue);
        return new CellShares(total, equal, budget.CapacityOf(least), budget.CapacityOf(most), Unified: true);
    }
}
