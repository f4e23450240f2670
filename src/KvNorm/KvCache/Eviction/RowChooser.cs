using System.Buffers;
using KvNorm.KvCache.Scoring;
using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Eviction;

/// <summary>Chooses the rows that stay, per set of heads: what is pinned, the recent window, and the best scored of the rest.</summary>
internal sealed class RowChooser(EvictionRules rules, RowScorer scorer, RowLedger ledger)
{
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = rules.Threads };
    private int[] _kept = []; // (sets, rows kept), row-major; grows to the largest eviction

    /// <inheritdoc cref="RowScorer.NeedsState"/>
    public bool NeedsState => scorer.NeedsState;

    /// <summary>Chooses the rows that stay.</summary>
    /// <param name="state">The cache's contents in time order; may be null unless <see cref="NeedsState"/>.</param>
    /// <param name="pinned">Tokens that stay whatever their score.</param>
    /// <param name="keep">Rows to keep in every set.</param>
    /// <param name="length">Rows of tokens from this one on take no part: they are neither scored, learnt from nor chosen.</param>
    /// <returns>Row numbers, ascending, the first (sets, keep) of the array, row-major; valid until the next request.</returns>
    public int[] Choose(SequenceState? state, PinnedTokens pinned, int keep, int length)
    {
        if (_kept.Length < rules.Sets.Count * keep)
            _kept = new int[rules.Sets.Count * keep];
        scorer.Score(state, length);
        Parallel.For(0, rules.Sets.Count, _parallel, set => Select(set, pinned, length, _kept.AsSpan(set * keep, keep)));
        return _kept;
    }

    private void Select(int set, PinnedTokens pinned, int length, Span<int> kept)
    {
        int count = ledger.RowsBefore(set, length), firstRecent = count - rules.Policy.RecentRows(kept.Length);
        float[] rented = ArrayPool<float>.Shared.Rent(count);
        Span<float> scores = rented.AsSpan(0, count);
        Combine(rules.Sets[set].Scoring, scores);
        for (int row = 0; row < count; row++)
        {
            scores[row] = row >= firstRecent || pinned.Contains(ledger.TokenAt(set, row))
                ? RowSelector.Pinned
                : Math.Min(scores[row], float.MaxValue); // means of very large scores may have become infinite
        }

        RowSelector.SelectTop(scores, kept);
        ArrayPool<float>.Shared.Return(rented);
    }

    // Heads that share rows are scored by the sum of their scores, each standardised so that no head outweighs another. A head alone is
    // taken as it is.
    private void Combine(IReadOnlyList<int> heads, Span<float> scores)
    {
        switch (heads.Count)
        {
            case 0: // the most recent rows
                for (int row = 0; row < scores.Length; row++)
                    scores[row] = row;
                return;
            case 1:
                scorer.Scores(heads[0], scores.Length).CopyTo(scores);
                return;
        }

        scores.Clear();
        foreach (int head in heads)
        {
            ReadOnlySpan<float> own = scorer.Scores(head, scores.Length);
            RunningMoments moments = default;
            moments.Add(own);
            for (int row = 0; row < scores.Length; row++)
                scores[row] += moments.Standardise(own[row]);
        }
    }
}
