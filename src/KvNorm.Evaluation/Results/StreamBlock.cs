namespace KvNorm.Evaluation.Results;

/// <summary>Some tokens of a text, as sums.</summary>
/// <param name="Start">Where the block begins.</param>
/// <param name="Count">Tokens.</param>
/// <param name="LogProbability">The sum of the natural logarithms of their probabilities.</param>
/// <param name="FullLogProbability">The same with a full cache.</param>
/// <param name="Divergence">The sum of the Kullback-Leibler divergences from the full cache's distributions.</param>
/// <param name="SameTop">Tokens at which the most likely one is the full cache's.</param>
internal sealed record StreamBlock(
    int Start, int Count, double LogProbability, double FullLogProbability, double Divergence, int SameTop)
{
    /// <summary>Both together.</summary>
    public StreamBlock Plus(StreamBlock other) => this with
    {
        Count = Count + other.Count,
        LogProbability = LogProbability + other.LogProbability,
        FullLogProbability = FullLogProbability + other.FullLogProbability,
        Divergence = Divergence + other.Divergence,
        SameTop = SameTop + other.SameTop,
    };
}
