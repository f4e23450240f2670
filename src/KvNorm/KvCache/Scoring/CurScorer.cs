using System.Numerics.Tensors;

namespace KvNorm.KvCache.Scoring;

/// <summary>
/// Approximate leverage: ‖k‖² times ‖v‖², each as its share of a window of <see cref="Window"/> rows (CurDKV, Sengupta et al. 2025, arXiv
/// 2509.15038).
/// </summary>
internal sealed class CurScorer : KeyScorer
{
    /// <summary>Rows of a window, as published.</summary>
    public const int Window = 16;

    private const float Epsilon = 1e-12f; // keeps a window of zeros from dividing by zero

    public override bool NeedsValues => true;

    public override void Score(in HeadRows rows, Span<float> scores)
    {
        Span<float> strengths = stackalloc float[Window];
        for (int start = 0; start < rows.Count; start += Window)
        {
            Span<float> window = scores.Slice(start, Math.Min(Window, rows.Count - start)), values = strengths[..window.Length];
            for (int row = 0; row < window.Length; row++)
            {
                window[row] = TensorPrimitives.SumOfSquares(rows.Key(start + row));
                values[row] = TensorPrimitives.SumOfSquares(rows.Value(start + row));
            }

            float scale = (TensorPrimitives.Sum<float>(window) * TensorPrimitives.Sum<float>(values)) + Epsilon;
            TensorPrimitives.Multiply(window, values, window);
            TensorPrimitives.Divide(window, scale, window);
        }
    }
}
