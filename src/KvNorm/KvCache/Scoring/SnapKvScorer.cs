using System.Numerics.Tensors;

namespace KvNorm.KvCache.Scoring;

/// <summary>
/// The attention that the latest tokens pay, the highest of it among a row's neighbours (SnapKV, Li et al. 2024, arXiv 2404.14469). Query
/// heads that share a KV head are averaged, as the authors and kvpress do for such models.
/// </summary>
/// <param name="heads">The (layer, head) pairs of the cache.</param>
internal sealed class SnapKvScorer(int heads) : AttentionScorer(heads)
{
    /// <summary>Tokens of the observation window, as published.</summary>
    public const int Window = 32;

    /// <summary>Rows that are pooled around each, as published.</summary>
    public const int Kernel = 7;

    public override int AttentionWindow => Window;

    private protected override void Score(in HeadRows rows, TokenScores known, Span<float> scores) =>
        Pool(rows.Attention, rows.AttentionTokens, scores);

    private protected override void Remember(in HeadRows rows, TokenScores known, Span<float> scores)
    {
        if (known.IsEmpty)
            new RecencyScorer().Score(rows, scores);
        else
            base.Remember(rows, known, scores);
    }

    // From attention (rows) to scores (rows). The window, the latest rows, stays, whatever it pays to itself.
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
}
