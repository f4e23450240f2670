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
        AddDirections(rows, 0, sum);
        Distinctiveness(rows, sum, scores);
    }

    /// <summary>Adds the unit keys of the rows from <paramref name="first"/> on to a sum, (KeyLength).</summary>
    public static void AddDirections(in HeadRows rows, int first, Span<float> sum)
    {
        for (int row = first; row < rows.Count; row++)
        {
            ReadOnlySpan<float> key = rows.Key(row);
            TensorPrimitives.MultiplyAdd(key, 1 / (TensorPrimitives.Norm(key) + Epsilon), sum, sum);
        }
    }

    /// <summary>Minus the cosine between each key and the direction of <paramref name="sum"/>, (KeyLength).</summary>
    public static void Distinctiveness(in HeadRows rows, ReadOnlySpan<float> sum, Span<float> scores)
    {
        float length = TensorPrimitives.Norm(sum) + Epsilon;
        for (int row = 0; row < rows.Count; row++)
        {
            ReadOnlySpan<float> key = rows.Key(row);
            scores[row] = -TensorPrimitives.Dot(key, sum) / (length * (TensorPrimitives.Norm(key) + Epsilon));
        }
    }
}
