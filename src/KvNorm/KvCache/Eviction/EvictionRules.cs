using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Eviction;

/// <summary>What holds for every eviction of a cache.</summary>
/// <param name="Policy">What stays.</param>
/// <param name="Geometry">The cache's shape.</param>
/// <param name="Sets">Which heads hold the same rows.</param>
/// <param name="Rotations">What turns keys, per layer; null when rows keep their positions and keys their rotation.</param>
/// <param name="Cells">The maximum of cells that are in use.</param>
/// <param name="Threads">CPU threads.</param>
internal sealed record EvictionRules(
    EvictionPolicy Policy, CacheGeometry Geometry, RowSets Sets, IReadOnlyList<RopeRotation?>? Rotations, int Cells, int Threads)
{
    /// <summary>
    /// Gets the cache of the layers with a sliding window, where its cells move along with the others; null where there is none or
    /// positions are kept.
    /// </summary>
    public WindowCells? Window { get; init; }
}
