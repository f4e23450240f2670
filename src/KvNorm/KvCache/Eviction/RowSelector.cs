using System.Buffers;

namespace KvNorm.KvCache.Eviction;

/// <summary>Takes the best scored rows.</summary>
internal static class RowSelector
{
    /// <summary>The score that keeps a row whatever the others have.</summary>
    public const float Pinned = float.PositiveInfinity;

    /// <summary>Writes the numbers of the best rows in time order. Of equal rows the earlier are taken; NaN counts as the lowest.</summary>
    /// <param name="scores">(rows); NaN is replaced.</param>
    /// <param name="kept">Receives the rows to keep, (at most rows), ascending.</param>
    public static void SelectTop(Span<float> scores, Span<int> kept)
    {
        for (int row = 0; row < scores.Length; row++)
        {
            if (float.IsNaN(scores[row]))
                scores[row] = float.NegativeInfinity;
        }

        float threshold = Threshold(scores, kept.Length, out int above);
        int equal = kept.Length - above, count = 0;
        for (int row = 0; count < kept.Length; row++)
        {
            if (scores[row] > threshold || (scores[row] == threshold && equal-- > 0))
                kept[count++] = row;
        }
    }

    // The lowest score that is still taken, and how many lie above it.
    private static float Threshold(ReadOnlySpan<float> scores, int take, out int above)
    {
        float[] rented = ArrayPool<float>.Shared.Rent(scores.Length);
        Span<float> sorted = rented.AsSpan(0, scores.Length);
        scores.CopyTo(sorted);
        sorted.Sort();
        float threshold = sorted[^take];
        above = 0;
        while (above < take && sorted[^(above + 1)] > threshold)
            above++;
        ArrayPool<float>.Shared.Return(rented);
        return threshold;
    }
}
