using System.Buffers;
using System.Numerics.Tensors;

namespace KvNorm.KvCache.Scoring;

/// <summary>How unlike the mean direction of all keys a key is (KeyDiff, Park et al. 2025, arXiv 2504.15364).</summary>
internal sealed class KeyDiffScorer : KeyScorer
{
    /// <summary>Keeps a zero key from dividing by zero.</summary>
    private const float Epsilon = 1e-6f;

    public override void Score(in HeadRows rows, Span<float> scores)
    {
        Span<float> sum = stackalloc float[rows.KeyLength];
        sum.Clear();
        Score(rows, 0, sum, scores);
    }

    /// <summary>
    /// Adds the unit keys of the rows from <paramref name="first"/> on to a sum, and scores each row by minus the cosine between its key
    /// and the direction of that sum.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="first">The first row that the sum lacks.</param>
    /// <param name="sum">The unit keys so far, (KeyLength); changed in place.</param>
    /// <param name="scores">Receives the scores, (rows).</param>
    public static void Score(in HeadRows rows, int first, Span<float> sum, Span<float> scores)
    {
        float[] rented = ArrayPool<float>.Shared.Rent(rows.Count);
        Span<float> norms = rented.AsSpan(0, rows.Count);
        RowProducts.Norms(rows.Keys, rows.KeyLength, norms);
        TensorPrimitives.Add(norms, Epsilon, norms);
        TensorPrimitives.Reciprocal<float>(norms[first..], scores[first..]);
        RowProducts.AddWeighted(rows.Keys[(first * rows.KeyLength)..], scores[first..], sum);
        RowProducts.Dots(rows.Keys, sum, scores);
        TensorPrimitives.Multiply(norms, -(TensorPrimitives.Norm<float>(sum) + Epsilon), norms);
        TensorPrimitives.Divide(scores, norms, scores);
        ArrayPool<float>.Shared.Return(rented);
    }
}
