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
    EvictionPolicy Policy, CacheGeometry Geometry, RowSets Sets, IReadOnlyList<RopeRotation?>? Rotations, int Cells, int Threads);
