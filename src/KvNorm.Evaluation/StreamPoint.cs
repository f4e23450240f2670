namespace KvNorm.Evaluation;

/// <summary>How a text went at some place, over all tokens there.</summary>
/// <param name="At">The first of the tokens: of the text, or since the last eviction.</param>
/// <param name="Ratio">The perplexity as a ratio to the full cache's.</param>
/// <param name="Divergence">The mean Kullback-Leibler divergence from the full cache's distribution, in nats.</param>
/// <param name="SameTop">The share of tokens at which the most likely one is the full cache's.</param>
/// <param name="Count">Tokens.</param>
public readonly record struct StreamPoint(int At, Interval Ratio, double Divergence, double SameTop, int Count);
