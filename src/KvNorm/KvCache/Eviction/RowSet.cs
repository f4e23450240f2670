namespace KvNorm.KvCache.Eviction;

/// <summary>Heads that hold the same rows.</summary>
/// <param name="Heads">Their (layer, head) pairs.</param>
/// <param name="Scoring">Those of them whose scores choose the rows; where there are none, the most recent rows stay.</param>
internal sealed record RowSet(IReadOnlyList<int> Heads, IReadOnlyList<int> Scoring);
