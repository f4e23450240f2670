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
    // Fewer words in common, and a span has nothing to do with the question; measured, see docs/experiments.md.
    private const float MinimumEvidence = 0.65f;
    private const float MinimumShare = 0.5f; // of the best span's score

    // From this share of the best span's score on, one that is not chosen misleads; measured, see docs/evaluation.md.
    private const float DistractorShare = 0.25f;
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
    /// <param name="pinned">What stays anyway. What came back before does not: it may be asked for again.</param>
    /// <param name="room">The maximum of tokens to choose.</param>
    public RecallChoice Choose(RecallQuestion question, ReadOnlySpan<int> tokens, PinnedTokens pinned, int room)
    {
        index.Append(tokens);
        pinned = pinned with { Recalled = null };
        int length = tokens.Length;
        TokenRange[] exchanges =
            [.. question.Exchanges.Where(exchange => exchange.Length <= MaximumExchange && exchange.End <= length)];
        List<TokenRange> chosen = [], asked = [];
        meanings?.Append(tokens);
        SpanMatch[] words = Strong(question, index.Find(question.Tokens, MinimumEvidence));
        SpanMatch[] near = question.Vector is { } vector && meanings is not null ? Strong(question, meanings.Find(vector)) : [];
        foreach (SpanMatch match in InTurns(words, near))
        {
            if (pinned.Contains(match.Tokens.Start) && !LacksTooMuch(match.Tokens)) // the first message may have had to give way
                continue;
            TokenRange whole = exchanges.Where(exchange => exchange.Overlap(match.Tokens) > 0).Aggregate(match.Tokens, Union);
            int? added = (CanComeBack(whole) ? TryAdd(chosen, whole, room) : null) ?? TryAdd(chosen, match.Tokens, room);
            room -= added ?? 0;
            if (added is not null && LacksTooMuch(match.Tokens))
                asked.Add(match.Tokens);
        }

        chosen.Sort(static (one, other) => one.Start - other.Start);
        // Of an exchange the rest may be held that nobody asked for.
        TokenRange[] lacking =
            [.. chosen.Where(span => LacksTooMuch(span) || (CanComeBack(span) && asked.Exists(match => match.Overlap(span) > 0)))];
        float best = words.FirstOrDefault(match => chosen.Exists(span => span.Overlap(match.Tokens) > 0)).Score;
        IEnumerable<TokenRange> distractors = archive is not null && lacking.Length > 0 && best > 0
            ? Distractors(question, best).Where(span => span.End < length && IsOld(span, pinned) && IsFree(span, chosen, near))
            : [];
        return new RecallChoice([.. chosen], lacking, [.. lacking.SelectMany(Missing)], [.. distractors]);
    }

    /// <summary>Reads archived rows; there must be an archive.</summary>
    /// <returns>Null when they cannot be read.</returns>
    public ArchivedRows? Read(int[] tokens) => archive!.TryRead(tokens, rows!) ? rows : null;

    /// <summary>
    /// Tokens whose rows may take the place of distractors: for every set of heads the latest that it lacks, ascending.
    /// </summary>
    /// <param name="choice">What comes back, and what leaves for it.</param>
    /// <param name="pinned">What stays, what comes back among it.</param>
    /// <param name="keep">The rows that every set has afterwards.</param>
    /// <param name="maximum">The maximum of tokens.</param>
    public int[] FindReplacements(RecallChoice choice, PinnedTokens pinned, int keep, int maximum)
    {
        HashSet<int> found = [], leaving = [.. choice.Distractors.SelectMany(static span => Enumerable.Range(span.Start, span.Length))];
        for (int set = 0; set < ledger.SetCount && choice.Distractors.Length > 0; set++)
        {
            int room = keep - choice.Missing.Count(token => !ledger.Holds(set, token)) - ledger.RowsBeside(set, choice.Distractors);
            int row = ledger.RowsBefore(set, archive!.Length) - 1;
            for (int token = archive.Length - 1; token >= archive.Start && room > 0; token--)
            {
                if (row >= 0 && ledger.TokenAt(set, row) == token)
                {
                    row--;
                    continue;
                }

                if (leaving.Contains(token) || pinned.Contains(token))
                    continue;
                if (found.Count == maximum && !found.Contains(token))
                    break;
                found.Add(token);
                room--;
            }
        }

        return [.. found.Order()];
    }

    // Spans that share words with the question and are clearly not what it asks for; or are nearly as near as the best chosen, had no room
    // and are held in parts.
    private IEnumerable<TokenRange> Distractors(RecallQuestion question, float best) =>
        index.Find(question.Tokens, MinimumEvidence * DistractorShare)
            .Where(match => match.Score >= best * DistractorShare && match.Score <= best)
            .Where(match => match.Score < best * MinimumShare || LacksTooMuch(match.Tokens))
            .Select(static match => match.Tokens);

    // Neither the system prompt nor the message being answered and what came after it, such as results of tools.
    private static bool IsOld(TokenRange span, PinnedTokens pinned) =>
        span.Start >= pinned.Front && (pinned.OpenStart == 0 || span.End <= pinned.OpenStart);

    private static bool IsFree(TokenRange span, List<TokenRange> chosen, SpanMatch[] near) =>
        chosen.TrueForAll(other => other.Overlap(span) == 0) && Array.TrueForAll(near, match => match.Tokens.Overlap(span) == 0);

    // What has words of the question and what means something near to it, in turns, the best first: a model of meanings knows few names,
    // and words miss what is said in others.
    private static IEnumerable<SpanMatch> InTurns(SpanMatch[] words, SpanMatch[] near)
    {
        for (int rank = 0; rank < Math.Max(words.Length, near.Length); rank++)
        {
            if (rank < words.Length)
                yield return words[rank];
            if (rank < near.Length)
                yield return near[rank];
        }
    }

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

    // The message itself is no measure of the others, and comes behind them where it was evicted.
    private SpanMatch[] Strong(RecallQuestion question, IReadOnlyList<SpanMatch> matches)
    {
        ILookup<bool, SpanMatch> own = matches.ToLookup(match => match.Tokens.Overlap(question.Message) > 0);
        float bar = own[false].FirstOrDefault().Score * MinimumShare;
        return [.. own[false].Concat(own[true].Where(match => LacksTooMuch(match.Tokens))).Where(match => match.Score >= bar)];
    }

    private bool LacksTooMuch(TokenRange span) => CanComeBack(span) && ledger.HeldShare(span) < Held;

    private bool CanComeBack(TokenRange span) => archive is null || (span.Start >= archive.Start && span.End <= archive.Length);

    private IEnumerable<int> Missing(TokenRange span) =>
        Enumerable.Range(span.Start, span.Length).Where(token => !ledger.HoldsEverywhere(token));
}
