using System.Numerics.Tensors;

namespace KvNorm.KvCache.Scoring;

/// <summary>
/// The L2 norm of the key: low is kept (Devoto et al. 2024, "A Simple and Effective L2 Norm-Based Strategy for KV Cache Compression", arXiv
/// 2406.11430).
/// With <paramref name="keepHigh"/> the high ones are, which checks the sign of the finding.
/// </summary>
internal sealed class KeyNormScorer(bool keepHigh) : KeyScorer
{
    public override void Score(in HeadRows rows, Span<float> scores)
    {
        RowProducts.Norms(rows.Keys, rows.KeyLength, scores);
        if (!keepHigh)
            TensorPrimitives.Negate(scores, scores);
    }
}
