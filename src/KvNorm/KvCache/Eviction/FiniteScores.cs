using System.Numerics.Tensors;

namespace KvNorm.KvCache.Eviction;

/// <summary>
/// Scores without NaN and infinities, which would spread to other rows when scores are averaged, and infinity would count as pinned.
/// A scorer may be an application's own.
/// </summary>
internal static class FiniteScores
{
    /// <summary>Replaces NaN and negative infinity by a score below all finite ones, and positive infinity by one above them.</summary>
    /// <param name="scores">(rows), changed in place.</param>
    public static void Ensure(Span<float> scores)
    {
        if (TensorPrimitives.IsFiniteAll<float>(scores))
            return;
        float lowest = float.PositiveInfinity, highest = float.NegativeInfinity;
        foreach (float score in scores)
        {
            if (float.IsFinite(score))
                (lowest, highest) = (Math.Min(lowest, score), Math.Max(highest, score));
        }

        bool any = lowest <= highest;
        float below = any ? Math.Max(float.MinValue, MathF.BitDecrement(lowest)) : -1;
        float above = any ? Math.Min(float.MaxValue, MathF.BitIncrement(highest)) : 1;
        for (int row = 0; row < scores.Length; row++)
        {
            if (!float.IsFinite(scores[row]))
                scores[row] = float.IsPositiveInfinity(scores[row]) ? above : below;
        }
    }
}
