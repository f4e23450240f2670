namespace KvNorm.KvCache.Scoring;

/// <summary>
/// The attention that a token has received from all tokens since it was decoded: heavy hitters stay (H2O, Zhang et al. 2023, arXiv
/// 2306.14048). Query heads that share a KV head are averaged.
/// </summary>
/// <param name="heads">The (layer, head) pairs of the cache.</param>
internal sealed class H2oScorer(int heads) : AttentionScorer(heads)
{
    public override int AttentionWindow => EveryToken;

    private protected override void Score(in HeadRows rows, TokenScores known, Span<float> scores)
    {
        rows.Attention.CopyTo(scores);
        known.AddTo(rows.Tokens, scores);
    }
}
