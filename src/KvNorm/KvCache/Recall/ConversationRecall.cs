using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Recall;

/// <summary>
/// Finds what a question asks for among the tokens of a conversation, and the rows of those that the cache lacks in its archive.
/// </summary>
/// <param name="archive">The rows of the conversation.</param>
/// <param name="index">Its words.</param>
/// <param name="ledger">What the cache holds of it.</param>
/// <param name="rows">For rows on their way back.</param>
internal sealed class ConversationRecall(RowArchive archive, SpanIndex index, RowLedger ledger, ArchivedRows rows)
{
    // Fewer words in common, and a span has nothing to do with the question; measured, see docs/evaluation.md.
    private const float MinimumEvidence = 0.65f;
    private const float MinimumShare = 0.5f; // of the best span's score
    private const double Held = 0.9; // of a span's rows: enough to answer from

    public RowArchive Archive => archive;

    /// <summary>The tokens from <paramref name="length"/> on are no longer part of the conversation.</summary>
    public void Truncate(int length)
    {
        archive.Truncate(length);
        index.Truncate(length);
    }

    /// <summary>Chooses the spans that a question asks for.</summary>
    /// <param name="question">Its tokens.</param>
    /// <param name="tokens">The conversation so far.</param>
    /// <param name="pinned">What stays anyway.</param>
    /// <param name="room">The maximum of tokens to choose.</param>
    public RecallChoice Choose(ReadOnlySpan<int> question, ReadOnlySpan<int> tokens, PinnedTokens pinned, int room)
    {
        index.Append(tokens);
        List<TokenRange> spans = [];
        IReadOnlyList<SpanMatch> matches = index.Find(question, MinimumEvidence);
        foreach (SpanMatch match in matches)
        {
            if (match.Score < matches[0].Score * MinimumShare)
                break;
            if (match.Tokens.Length > room || pinned.Contains(match.Tokens.Start))
                continue;
            spans.Add(match.Tokens);
            room -= match.Tokens.Length;
        }

        spans.Sort(static (one, other) => one.Start - other.Start);
        TokenRange[] lacking = [.. spans.Where(LacksTooMuch)];
        return new RecallChoice([.. spans], lacking, [.. lacking.SelectMany(Missing)]);
    }

    /// <summary>Reads archived rows.</summary>
    /// <returns>Null when they cannot be read.</returns>
    public ArchivedRows? Read(int[] tokens) => archive.TryRead(tokens, rows) ? rows : null;

    private bool LacksTooMuch(TokenRange span) =>
        span.Start >= archive.Start && span.End <= archive.Length && ledger.HeldShare(span) < Held;

    private IEnumerable<int> Missing(TokenRange span) =>
        Enumerable.Range(span.Start, span.Length).Where(token => !ledger.HoldsEverywhere(token));
}
