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
    private const float MinimumCoverage = 0.4f;  // of the question, or a span has nothing to do with it; measured, see docs/evaluation.md
    private const float MinimumShare = 0.5f;     // of the best span's score
    private const double Held = 0.9;             // of a span's rows: enough to answer from

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
        IReadOnlyList<SpanMatch> matches = index.Find(question, MinimumCoverage);
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
        return new RecallChoice([.. spans], Missing(spans));
    }

    /// <summary>Reads archived rows.</summary>
    /// <returns>Null when they cannot be read.</returns>
    public ArchivedRows? Read(int[] tokens) => archive.TryRead(tokens, rows) ? rows : null;

    private int[] Missing(List<TokenRange> spans)
    {
        List<int> missing = [];
        foreach (TokenRange span in spans.Where(LacksTooMuch))
        {
            for (int token = Math.Max(span.Start, archive.Start); token < Math.Min(span.End, archive.Length); token++)
            {
                if (!ledger.HoldsEverywhere(token))
                    missing.Add(token);
            }
        }

        return [.. missing];
    }

    private bool LacksTooMuch(TokenRange span) => ledger.HeldShare(span) < Held;
}
