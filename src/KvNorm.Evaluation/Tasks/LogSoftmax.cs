using System.Numerics.Tensors;

namespace KvNorm.Evaluation.Tasks;

/// <summary>Logarithms of probabilities from logits.</summary>
internal static class LogSoftmax
{
    /// <summary>Writes the natural logarithms of the softmax of some logits.</summary>
    /// <param name="logits">(vocabulary).</param>
    /// <param name="result">(vocabulary).</param>
    /// <param name="scratch">(vocabulary), written over.</param>
    public static void Of(ReadOnlySpan<float> logits, Span<float> result, Span<float> scratch)
    {
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), result);
        TensorPrimitives.Exp(result, scratch);
        TensorPrimitives.Subtract(result, MathF.Log(TensorPrimitives.Sum<float>(scratch)), result);
    }
}
