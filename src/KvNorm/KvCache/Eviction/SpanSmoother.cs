using System.Buffers;
using System.Numerics.Tensors;

namespace KvNorm.KvCache.Eviction;

/// <summary>Averages the scores of one head over spans of text.</summary>
internal static class SpanSmoother
{
    private const float NeighbourWeight = 0.5f; // of the neighbours' mean beside a sentence's; measured, see docs/experiments.md

    /// <summary>Replaces each score by its mean over the span.</summary>
    /// <param name="spans">What to average over.</param>
    /// <param name="scores">(rows), changed in place.</param>
    /// <param name="spanOfRow">The sentence or chunk of each row, (rows), never falling.</param>
    public static void Smooth(TokenSpans spans, Span<float> scores, ReadOnlySpan<int> spanOfRow)
    {
        if (spans.ChunkLength > 0)
            MeanOverSpans(scores, spanOfRow);
        if (spans.NeighbourCount == 1)
            return;
        float[] rented = ArrayPool<float>.Shared.Rent(scores.Length);
        Span<float> neighbours = rented.AsSpan(0, scores.Length);
        MeanOverNeighbours(scores, spans.NeighbourCount, neighbours);
        if (spans.Sentences)
        {
            MeanOverSpans(scores, spanOfRow);
            TensorPrimitives.MultiplyAdd(neighbours, NeighbourWeight, scores, scores);
        }
        else
        {
            neighbours.CopyTo(scores);
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    // A window of `width` rows around each; beyond the ends the outermost row counts again.
    private static void MeanOverNeighbours(ReadOnlySpan<float> scores, int width, Span<float> means)
    {
        int before = width / 2, after = width - 1 - before, last = scores.Length - 1;
        double sum = 0;
        for (int i = -before; i <= after; i++)
            sum += scores[Math.Clamp(i, 0, last)];
        for (int row = 0; row <= last; row++)
        {
            means[row] = (float)(sum / width);
            sum += scores[Math.Min(row + after + 1, last)] - (double)scores[Math.Max(row - before, 0)];
        }
    }

    private static void MeanOverSpans(Span<float> scores, ReadOnlySpan<int> spanOfRow)
    {
        for (int start = 0, end; start < scores.Length; start = end)
        {
            end = start + 1;
            while (end < scores.Length && spanOfRow[end] == spanOfRow[start])
                end++;
            Span<float> span = scores[start..end];
            span.Fill(TensorPrimitives.Sum<float>(span) / span.Length);
        }
    }
}
