using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Recall;

/// <summary>
/// Finds what a question asks for among the tokens of a conversation, and the rows of those that the cache lacks in its archive.
/// </summary>
/// <param name="archive">The rows of the conversation; null where its tokens are read again instead.</param>
/// <param name="index">Its words.</param>
/// <param name="ledger">What the cache holds of it.</param>
/// <param name="rows">For rows on their way back; null where there is no archive.</param>
/// <param name="meanings">What it means; null where no embedding model is there.</param>
internal sealed class ConversationRecall(
    RowArchive? archive, SpanIndex index, RowLedger ledger, ArchivedRows? rows, SpanMeanings? meanings = null)
{
    // Fewer words in common, and a span has nothing to do with the question; measured, see docs/evaluation.md.
    private const float MinimumEvidence = 0.65f;
    private const float MinimumShare = 0.5f; // of the best span's score
    private const int MaximumExchange = 96; // tokens of a call and its results that come back together: two long sentences
    private const double Held = 0.9; // of a span's rows: enough to answer from

    public RowArchive? Archive => archive;

    /// <summary>The tokens from <paramref name="length"/> on are no longer part of the conversation.</summary>
    public void Truncate(int length)
    {
        archive?.Truncate(length);
        index.Truncate(length);
        meanings?.Truncate(length);
    }

    /// <summary>Something was evicted: what was said is looked at, so that it is known when somebody asks.</summary>
    /// <param name="tokens">The conversation so far.</param>
    public void NoteEviction(ReadOnlySpan<int> tokens) => meanings?.Append(tokens);

    /// <summary>Chooses the spans that a question asks for; a span of a short call or its result with the whole of both.</summary>
    /// <param name="question">The question.</param>
    /// <param name="tokens">The conversation so far.</param>
    /// <param name="pinned">What stays anyway.</param>
    /// <param name="room">The maximum of tokens to choose.</param>
    public RecallChoice Choose(RecallQuestion question, ReadOnlySpan<int> tokens, PinnedTokens pinned, int room)
    {
        index.Append(tokens);
        int length = tokens.Length;
        TokenRange[] exchanges =
            [.. question.Exchanges.Where(exchange => exchange.Length <= MaximumExchange && exchange.End <= length)];
        List<TokenRange> chosen = [];
        meanings?.Append(tokens);
        foreach (SpanMatch match in Find(question))
        {
            if (pinned.Contains(match.Tokens.Start))
                continue;
            TokenRange whole = exchanges.Where(exchange => exchange.Overlap(match.Tokens) > 0).Aggregate(match.Tokens, Union);
            room -= TryAdd(chosen, whole, room) ?? TryAdd(chosen, match.Tokens, room) ?? 0;
        }

        chosen.Sort(static (one, other) => one.Start - other.Start);
        TokenRange[] lacking = [.. chosen.Where(LacksTooMuch)];
        return new RecallChoice([.. chosen], lacking, [.. lacking.SelectMany(Missing)]);
    }

    /// <summary>Reads archived rows; there must be an archive.</summary>
    /// <returns>Null when they cannot be read.</returns>
    public ArchivedRows? Read(int[] tokens) => archive!.TryRead(tokens, rows!) ? rows : null;

    // What has words of the question and what means something near to it, in turns, the best first: a model of meanings knows few names,
    // and words miss what is said in others.
    private IEnumerable<SpanMatch> Find(RecallQuestion question)
    {
        SpanMatch[] words = Strong(index.Find(question.Tokens, MinimumEvidence));
        SpanMatch[] near = question.Vector is { } vector && meanings is not null ? Strong(meanings.Find(vector)) : [];
        for (int rank = 0; rank < Math.Max(words.Length, near.Length); rank++)
        {
            if (rank < words.Length)
                yield return words[rank];
            if (rank < near.Length)
                yield return near[rank];
        }
    }

    private static SpanMatch[] Strong(IReadOnlyList<SpanMatch> matches) =>
        [.. matches.TakeWhile(match => match.Score >= matches[0].Score * MinimumShare)];

    private static TokenRange Union(TokenRange one, TokenRange other) => one.Union(other);

    // Adds a span, joined with those that it overlaps, and says how many tokens that are; null where they are too many.
    private static int? TryAdd(List<TokenRange> chosen, TokenRange span, int room)
    {
        int added = span.Length - chosen.Sum(other => other.Overlap(span));
        if (added > room)
            return null;
        TokenRange joined = chosen.Where(other => other.Overlap(span) > 0).Aggregate(span, Union);
        chosen.RemoveAll(other => other.Overlap(span) > 0);
        chosen.Add(joined);
        return added;
    }

    private bool LacksTooMuch(TokenRange span) => CanComeBack(span) && ledger.HeldShare(span) < Held;

    private bool CanComeBack(TokenRange span) => archive is null || (span.Start >= archive.Start && span.End <= archive.Length);

    private IEnumerable<int> Missing(TokenRange span) =>
        Enumerable.Range(span.Start, span.Length).Where(token => !ledger.HoldsEverywhere(token));
}
