using System.Numerics.Tensors;

namespace KvNorm.KvCache.Scoring;

/// <summary>
/// The distance of a key from the mean key of its window: unlike the cosine, it sees length as well as direction (ManifoldKV, Datta et al.
/// 2026, "Training-Free KV Cache Compression via Euclidean Outlier Detection").
/// </summary>
internal sealed class ManifoldKvScorer : KeyScorer
{
    /// <summary>Rows of a window, as published: a centre of much more text is near to everything.</summary>
    public const int Window = 4096;

    public override void Score(in HeadRows rows, Span<float> scores)
    {
        Span<float> centre = stackalloc float[rows.KeyLength];
        for (int start = 0; start < rows.Count; start += Window)
        {
            int end = Math.Min(rows.Count, start + Window);
            centre.Clear();
            for (int row = start; row < end; row++)
                TensorPrimitives.Add(centre, rows.Key(row), centre);
            TensorPrimitives.Divide(centre, end - start, centre);
            for (int row = start; row < end; row++)
                scores[row] = TensorPrimitives.Distance(rows.Key(row), centre);
        }
    }
}
