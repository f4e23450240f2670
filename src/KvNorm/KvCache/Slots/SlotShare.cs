using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Slots;

/// <summary>The cells that a slot may use now: always an equal share, or what <see cref="SharedCells"/> lends it.</summary>
internal sealed class SlotShare(CachePlan plan)
{
    public CacheCapacity Capacity { get; private set; } = plan.Capacity;

    /// <summary>The slot may use so many cells from now on.</summary>
    public void Set(int cells)
    {
        if (cells != Capacity.Cells)
            Capacity = plan.Budget.CapacityOf(cells);
    }
}
