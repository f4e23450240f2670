namespace KvNorm.Evaluation.Tasks;

/// <summary>
/// Another scorer's judgement of what was read since the last eviction, and everything older before it: what was compressed once is not
/// compressed again (FlowKV, Liu et al. 2025, arXiv 2505.15347).
/// </summary>
internal sealed class OnceScorer(KeyScorer inner) : KeyScorer
{
    public override bool NeedsKeys => inner.NeedsKeys;

    public override bool NeedsValues => inner.NeedsValues;

    public override int AttentionWindow => inner.AttentionWindow;

    public override void Score(in HeadRows rows, Span<float> scores)
    {
        inner.Score(rows, scores);
        scores[..rows.FirstNew].Fill(float.PositiveInfinity);
    }

    public override ScorerStatistics? Save() => inner.Save();

    public override void Restore(ScorerStatistics? saved) => inner.Restore(saved);

    public override void Reset() => inner.Reset();
}
