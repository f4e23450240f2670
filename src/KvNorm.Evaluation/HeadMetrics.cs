namespace KvNorm.Evaluation;

/// <summary>How a scorer's order of a head's rows compares with the attention that they receive.</summary>
/// <param name="Layer">The layer, from 0.</param>
/// <param name="Head">The KV head's number in it, from 0.</param>
/// <param name="AttentionLoss">ALR: 0 for the ideal order, at most the number of rows.</param>
/// <param name="Correlation">Spearman's rank correlation, -1 to 1.</param>
public readonly record struct HeadMetrics(int Layer, int Head, double AttentionLoss, double Correlation);
