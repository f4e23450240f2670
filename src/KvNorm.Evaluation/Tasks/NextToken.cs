namespace KvNorm.Evaluation.Tasks;

/// <summary>What a full cache says of a text's next token.</summary>
/// <param name="LogProbabilities">The logarithms of all probabilities, (vocabulary); in half precision, to hold a text's.</param>
/// <param name="LogProbability">That of the token that came.</param>
/// <param name="MostLikely">The token with the highest.</param>
internal sealed record NextToken(Half[] LogProbabilities, double LogProbability, int MostLikely);
