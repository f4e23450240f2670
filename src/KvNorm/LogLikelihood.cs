namespace KvNorm;

/// <summary>How likely a model holds some tokens to be, each after the ones before it.</summary>
/// <param name="PerToken">The natural logarithm of each token's probability, (tokens).</param>
/// <param name="IsGreedy">Whether each of the tokens was the most likely one.</param>
public sealed record LogLikelihood(IReadOnlyList<double> PerToken, bool IsGreedy)
{
    /// <summary>Gets the natural logarithm of the probability of all tokens together.</summary>
    public double Total => PerToken.Sum();

    /// <summary>The natural logarithm of a token's probability: of the softmax over the logits, (vocabulary).</summary>
    internal static double Of(ReadOnlySpan<float> logits, int token)
    {
        double maximum = double.NegativeInfinity, sum = 0;
        foreach (float logit in logits)
            maximum = Math.Max(maximum, logit);
        foreach (float logit in logits)
            sum += Math.Exp(logit - maximum); // at most 1 each, so the sum cannot overflow
        return logits[token] - maximum - Math.Log(sum);
    }
}
