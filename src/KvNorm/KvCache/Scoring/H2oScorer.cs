namespace KvNorm.KvCache.Scoring;

/// <summary>
/// The attention that a token has received from all tokens since it was decoded: heavy hitters stay (H2O, Zhang et al. 2023, arXiv
/// 2306.14048). Query heads that share a KV head are averaged.
/// </summary>
internal sealed class H2oScorer : KeyScorer
{
    private readonly TokenScores[] _heads;

    /// <summary>Creates a scorer for a cache of <paramref name="heads"/> (layer, head) pairs.</summary>
    public H2oScorer(int heads) => _heads = [.. Enumerable.Range(0, heads).Select(static _ => new TokenScores())];

    public override bool NeedsKeys => false;

    public override int AttentionWindow => EveryToken;

    public override void Reset() => Restore(null);

    public override ScorerStatistics? Save() => new([.. _heads.Select(static head => head.ToNumbers())]);

    public override void Restore(ScorerStatistics? saved)
    {
        for (int head = 0; head < _heads.Length; head++)
            _heads[head] = head < saved?.Heads.Count ? TokenScores.From(saved.Heads[head]) : new TokenScores();
    }

    public override void Score(in HeadRows rows, Span<float> scores)
    {
        TokenScores received = _heads[rows.Head];
        if (rows.AttentionTokens > 0)
            rows.Attention.CopyTo(scores);
        else
            scores.Clear();
        received.AddTo(rows.Tokens, scores);
        if (rows.AttentionTokens == 0)
            received.Favour(rows.Tokens, scores);
        received.Set(rows.Tokens, scores);
    }
}
