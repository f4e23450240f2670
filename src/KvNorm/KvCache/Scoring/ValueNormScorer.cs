namespace KvNorm.KvCache.Scoring;

/// <summary>
/// The L2 norm of the value: what little attention a token gets does little where its value is small (Guo et al. 2024, "Attention Score is
/// not All You Need for Token Importance Indicator in KV Cache Reduction: Value Also Matters", arXiv 2406.12335, without the attention).
/// </summary>
internal sealed class ValueNormScorer : KeyScorer
{
    public override bool NeedsKeys => false;

    public override bool NeedsValues => true;

    public override void Score(in HeadRows rows, Span<float> scores) => RowProducts.Norms(rows.Values, rows.ValueLength, scores);
}
