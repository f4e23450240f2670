namespace KvNorm.KvCache;

/// <summary>What a scorer has learnt from a conversation.</summary>
/// <param name="Heads">The scorer's numbers for each (layer, head) pair; none for one that was never scored.</param>
internal sealed record ScorerStatistics(double[][] Heads);
