namespace KvNorm.KvCache.Eviction;

/// <summary>A budget in cells.</summary>
/// <param name="Cells">Cells that may be used.</param>
/// <param name="High">Rows are evicted before more cells than this are used.</param>
/// <param name="Low">Cells in use after an eviction.</param>
internal sealed record CacheCapacity(int Cells, int High, int Low);
