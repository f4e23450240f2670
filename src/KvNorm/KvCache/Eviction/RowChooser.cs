using System.Buffers;
using KvNorm.KvCache.Scoring;
using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Eviction;

/// <summary>Chooses the rows that stay, per set of heads: what is pinned, the recent window, and the best scored of the rest.</summary>
internal sealed class RowChooser(EvictionRules rules, RowScorer scorer, RowLedger ledger, SpanMap spans)
{
    private const float Distractor = float.NegativeInfinity; // the score that no other row has

    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = rules.Threads };
    private int[] _kept = []; // (sets, rows kept), row-major; grows to the largest eviction

    /// <inheritdoc cref="RowScorer.NeedsState"/>
    public bool NeedsState => scorer.NeedsState;

    /// <summary>Chooses the rows that stay.</summary>
    /// <param name="state">The cache's contents in time order; may be null unless <see cref="NeedsState"/>.</param>
    /// <param name="pinned">Tokens that stay, or go, whatever their score.</param>
    /// <param name="keep">Rows to keep in every set.</param>
    /// <param name="length">Rows of tokens from this one on take no part: they are neither scored, learnt from nor chosen.</param>
    /// <param name="recalled">
    /// Tokens that come back, ascending; null for none. Every set gets those that are pinned where it lacks them, and of the others the
    /// latest for which it has room, such as what its distractors leave.
    /// </param>
    /// <returns>
    /// Row numbers in the order of their tokens, the first (sets, keep) of the array, row-major, with the complement of an index in
    /// <paramref name="recalled"/> for a row that comes back; valid until the next request.
    /// </returns>
    public int[] Choose(SequenceState? state, PinnedTokens pinned, int keep, int length, int[]? recalled = null)
    {
        if (_kept.Length < rules.Sets.Count * keep)
            _kept = new int[rules.Sets.Count * keep];
        scorer.Score(state, length, pinned.RareFrom);
        bool[] stays = Array.ConvertAll(recalled ?? [], pinned.Contains);
        Parallel.For(0, rules.Sets.Count, _parallel, set =>
        {
            Span<int> kept = _kept.AsSpan(set * keep, keep);
            int[] coming = recalled is null ? [] : ComingInto(set, recalled, stays, keep - ledger.RowsBeside(set, pinned.Distractors));
            Select(set, pinned, length, kept[..^coming.Length], rules.Policy.RecentRows(keep));
            Merge(set, kept, coming, recalled);
        });
        return _kept;
    }

    // The tokens that come back into a set, by their index: those that stay, and of the others those that there is room for beside them.
    private int[] ComingInto(int set, int[] recalled, bool[] stays, int room)
    {
        ILookup<bool, int> lacking = Enumerable.Range(0, recalled.Length)
            .Where(i => !ledger.Holds(set, recalled[i]))
            .ToLookup(i => stays[i]);
        int[] coming = [.. lacking[true]];
        room -= coming.Length;
        return room <= 0 ? coming : [.. lacking[false].TakeLast(room).Concat(coming).Order()];
    }

    // Puts what comes back between what stays, from the end on, so that nothing is overwritten before it has moved.
    private void Merge(int set, Span<int> kept, int[] coming, int[]? recalled)
    {
        int stays = kept.Length - coming.Length;
        for (int comes = coming.Length; comes > 0;)
        {
            bool isLater = stays > 0 && ledger.TokenAt(set, kept[stays - 1]) > recalled![coming[comes - 1]];
            int last = stays + comes - 1;
            kept[last] = isLater ? kept[--stays] : ~coming[--comes];
        }
    }

    private void Select(int set, PinnedTokens pinned, int length, Span<int> kept, int recent)
    {
        int count = ledger.RowsBefore(set, length), firstRecent = Math.Max(0, count - recent);
        float[] rented = ArrayPool<float>.Shared.Rent(count);
        Span<float> scores = rented.AsSpan(0, count);
        Combine(rules.Sets[set].Scoring, scores);
        FiniteScores.Ensure(scores); // means of very large ones may have become infinite
        foreach (TokenRange range in pinned.Ranges)
            RowsOf(set, range, scores).Fill(RowSelector.Pinned);
        int room = kept.Length - scores.Count(RowSelector.Pinned); // a cut may keep less than what is pinned and the recent window
        for (int row = count - 1; row >= firstRecent; row--)
        {
            if (scores[row] < RowSelector.Pinned && room-- > 0)
                scores[row] = RowSelector.Pinned;
        }

        foreach (TokenRange span in pinned.Distractors ?? [])
            RowsOf(set, span, scores).Fill(Distractor);
        if (rules.Policy.DemotesRepeatedPunctuation && rules.Sets[set].Scoring.Count > 0)
            Demote(set, scores, kept.Length);
        RowSelector.SelectTop(scores, kept);
        ArrayPool<float>.Shared.Return(rented);
    }

    private Span<float> RowsOf(int set, TokenRange tokens, Span<float> scores)
    {
        int start = Math.Min(ledger.RowsBefore(set, tokens.Start), scores.Length);
        return scores[start..Math.Min(ledger.RowsBefore(set, tokens.End), scores.Length)];
    }

    // Repeated punctuation goes next to distractors: either all of it goes, or everything else stays and the best of it.
    private void Demote(int set, Span<float> scores, int keep)
    {
        int others = 0;
        for (int row = 0; row < scores.Length; row++)
            others += scores[row] == Distractor || IsDemoted(set, row, scores[row]) ? 0 : 1;
        for (int row = 0; row < scores.Length; row++)
        {
            bool isDemoted = IsDemoted(set, row, scores[row]);
            if (scores[row] == Distractor)
                continue;
            if (isDemoted && others >= keep)
                scores[row] = float.MinValue;
            else if (!isDemoted && others < keep)
                scores[row] = RowSelector.Pinned;
        }
    }

    private bool IsDemoted(int set, int row, float score) =>
        score < RowSelector.Pinned && spans.RepeatsPunctuation(ledger.TokenAt(set, row));

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
            moments.AddStandardised(own, scores);
        }
    }
}
