namespace KvNorm.KvCache.Scoring;

/// <summary>
/// What scorers share that look at attention: the scores that each head's tokens were given, which outlive the attention itself.
/// </summary>
/// <param name="heads">The (layer, head) pairs of the cache.</param>
internal abstract class AttentionScorer(int heads) : KeyScorer
{
    private readonly TokenScores[] _heads = [.. Enumerable.Range(0, heads).Select(static _ => new TokenScores())];

    public sealed override bool NeedsKeys => false;

    public sealed override void Reset() => Restore(null);

    public sealed override ScorerStatistics? Save() => new([.. _heads.Select(static head => head.ToNumbers())]);

    public sealed override void Restore(ScorerStatistics? saved)
    {
        for (int head = 0; head < _heads.Length; head++)
            _heads[head] = head < saved?.Heads.Count ? TokenScores.From(saved.Heads[head]) : new TokenScores();
    }

    public sealed override void Score(in HeadRows rows, Span<float> scores)
    {
        TokenScores known = _heads[rows.Head];
        if (rows.AttentionTokens > 0)
            Score(rows, known, scores);
        else
            Remember(rows, known, scores);
        known.Set(rows.Tokens, scores);
    }

    /// <summary>Scores the rows of one head by the attention that was read.</summary>
    /// <param name="rows">The rows, with their attention.</param>
    /// <param name="known">What their tokens were given before.</param>
    /// <param name="scores">Receives the scores, (rows).</param>
    private protected abstract void Score(in HeadRows rows, TokenScores known, Span<float> scores);

    /// <summary>Scores rows without attention, as after a conversation was loaded: by what their tokens were given before.</summary>
    /// <inheritdoc cref="Score(in HeadRows, TokenScores, Span{float})"/>
    private protected virtual void Remember(in HeadRows rows, TokenScores known, Span<float> scores)
    {
        scores.Clear();
        known.AddTo(rows.Tokens, scores);
        known.Favour(rows.Tokens, scores);
    }
}
