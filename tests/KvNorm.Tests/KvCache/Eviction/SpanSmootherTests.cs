using FsCheck.Xunit;
using KvNorm.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class SpanSmootherTests
{
    [Property(MaxTest = 60)]
    public void Smooth_Sentences_IsTheirMeanAndHalfTheNeighbours(int seed)
    {
        (float[] scores, int[] spans) = Sample(seed);
        double[] expected = [.. MeanOverSpans(scores, spans)
            .Zip(MeanOverNeighbours(scores, 5), static (span, near) => span + (0.5 * near))];
        SpanSmoother.Smooth(TokenSpans.Sentence, scores, spans);
        AssertClose(expected, scores);
    }

    [Property(MaxTest = 60)]
    public void Smooth_Neighbours_IsTheirMean(int seed, byte width)
    {
        (float[] scores, int[] spans) = Sample(seed);
        int count = 1 + (width % 12);
        double[] expected = MeanOverNeighbours(scores, count);
        SpanSmoother.Smooth(TokenSpans.Neighbours(count), scores, spans);
        AssertClose(expected, scores);
    }

    [Property(MaxTest = 60)]
    public void Smooth_Chunks_IsTheirMean(int seed)
    {
        (float[] scores, int[] chunks) = Sample(seed);
        double[] expected = MeanOverSpans(scores, chunks);
        SpanSmoother.Smooth(TokenSpans.Chunks(20), scores, chunks);
        AssertClose(expected, scores);
    }

    [Fact]
    public void Smooth_None_ChangesNothing()
    {
        (float[] scores, int[] spans) = Sample(1);
        float[] before = [.. scores];
        SpanSmoother.Smooth(TokenSpans.None, scores, spans);
        Assert.Equal(before, scores);
    }

    [Fact]
    public void Neighbours_None_Throws() => Assert.Throws<ArgumentOutOfRangeException>(static () => TokenSpans.Neighbours(0));

    private static (float[] Scores, int[] Spans) Sample(int seed)
    {
        Random random = new(seed);
        int[] spans = new int[random.Next(1, 80)];
        for (int row = 1; row < spans.Length; row++)
            spans[row] = spans[row - 1] + (random.Next(4) == 0 ? random.Next(1, 3) : 0);
        return ([.. spans.Select(_ => (float)((random.NextDouble() * 6) - 3))], spans);
    }

    // The outermost row stands for those beyond the ends, as numpy pads with mode 'edge'.
    private static double[] MeanOverNeighbours(float[] scores, int width) =>
        [.. scores.Select(
            (_, row) => Enumerable.Range(row - (width / 2), width).Average(i => scores[Math.Clamp(i, 0, scores.Length - 1)]))];

    private static double[] MeanOverSpans(float[] scores, int[] spans) =>
        [.. spans.Select(span => scores.Where((_, row) => spans[row] == span).Average(static score => (double)score))];

    private static void AssertClose(double[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-4);
    }
}
