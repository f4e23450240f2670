using FsCheck.Xunit;

namespace KvNorm.Tests;

public sealed class LogLikelihoodTests
{
    [Property(MaxTest = 50)]
    public void Of_AnyLogits_IsTheLogarithmOfTheSoftmax(int seed)
    {
        Random random = new(seed);
        float[] logits = [.. Enumerable.Range(0, 50).Select(_ => (float)((random.NextDouble() * 20) - 10))];
        double total = logits.Sum(static logit => Math.Exp(logit));
        for (int token = 0; token < logits.Length; token++)
            Assert.Equal(Math.Log(Math.Exp(logits[token]) / total), LogLikelihood.Of(logits, token), 1e-6);
    }

    [Fact]
    public void Of_VeryLargeLogits_StaysFinite() => Assert.Equal(-Math.Log(2), LogLikelihood.Of([3e38f, 3e38f, -3e38f], 1), 1e-9);

    [Fact]
    public void Total_Tokens_IsTheirSum() => Assert.Equal(-3.5, new LogLikelihood([-1, -2.5], IsGreedy: false).Total);
}
