using System.Numerics.Tensors;

namespace KvNorm.KvCache.Scoring;

/// <summary>
/// The attention that the latest tokens pay, the highest of it among a row's neighbours (SnapKV, Li et al. 2024, arXiv 2404.14469). Query
/// heads that share a KV head are averaged, as the authors and kvpress do for such models.
/// </summary>
internal sealed class SnapKvScorer : KeyScorer
{
    /// <summary>Tokens of the observation window, as published.</summary>
    public const int Window = 32;

    /// <summary>Rows that are pooled around each, as published.</summary>
    public const int Kernel = 7;

    private readonly TokenScores[] _heads;

    /// <summary>Creates a scorer for a cache of <paramref name="heads"/> (layer, head) pairs.</summary>
    public SnapKvScorer(int heads) => _heads = [.. Enumerable.Range(0, heads).Select(static _ => new TokenScores())];

    public override bool NeedsKeys => false;

    public override int AttentionWindow => Window;

    public override void Reset() => Restore(null);

    public override ScorerStatistics? Save() => new([.. _heads.Select(static head => head.ToNumbers())]);

    public override void Restore(ScorerStatistics? saved)
    {
        for (int head = 0; head < _heads.Length; head++)
            _heads[head] = head < saved?.Heads.Count ? TokenScores.From(saved.Heads[head]) : new TokenScores();
    }

    public override void Score(in HeadRows rows, Span<float> scores)
    {
        TokenScores before = _heads[rows.Head];
        if (rows.AttentionTokens > 0)
            Pool(rows.Attention, rows.AttentionTokens, scores);
        else if (before.IsEmpty)
            new RecencyScorer().Score(rows, scores);
        else
            Remember(before, rows.Tokens, scores);
        before.Set(rows.Tokens, scores);
    }

    // The window itself stays, whatever it pays to itself.
    private static void Pool(ReadOnlySpan<float> attention, int window, Span<float> scores)
    {
        ReadOnlySpan<float> seen = attention[..^window];
        for (int row = 0; row < seen.Length; row++)
        {
            int first = Math.Max(0, row - (Kernel / 2)), end = Math.Min(seen.Length, row + (Kernel / 2) + 1);
            scores[row] = TensorPrimitives.Max(seen[first..end]);
        }

        scores[seen.Length..].Fill(seen.IsEmpty ? 0 : TensorPrimitives.Max<float>(scores[..seen.Length]));
    }

    // What the window saw last; new rows came without their queries, as after a conversation was loaded.
    private static void Remember(TokenScores before, ReadOnlySpan<int> tokens, Span<float> scores)
    {
        scores.Clear();
        before.AddTo(tokens, scores);
        before.Favour(tokens, scores);
    }
}
