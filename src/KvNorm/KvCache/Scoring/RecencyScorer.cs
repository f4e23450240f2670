namespace KvNorm.KvCache.Scoring;

/// <summary>The most recent rows; with the sinks that are always kept this is StreamingLLM (Xiao et al. 2023, arXiv 2309.17453).</summary>
internal sealed class RecencyScorer : KeyScorer
{
    public override bool NeedsKeys => false;

    public override void Score(in HeadRows rows, Span<float> scores)
    {
        for (int row = 0; row < rows.Count; row++)
            scores[row] = row;
    }
}
