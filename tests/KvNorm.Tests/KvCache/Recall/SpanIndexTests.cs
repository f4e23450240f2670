using System.Text;
using FsCheck.Xunit;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Recall;

namespace KvNorm.Tests.KvCache.Recall;

public sealed class SpanIndexTests
{
    private const int FullStop = 0;
    private const int Word = 5000; // the first of the words that tests use, all about as rare

    private const int Accent = 10; // no word, but one may go on behind it

    // 1 to 9 are digits, of which numbers are made.
    private static readonly TokenTerms Terms = new(10_000, static token => Encoding.UTF8.GetBytes(
        token switch { FullStop => ".", < 10 => $"{token}", Accent => "\u0301", _ => $" w{token} " }));

    [Property(MaxTest = 100)]
    public void Index_AnyAppendTruncate_FindsWhatOneMadeAnewFinds(int seed)
    {
        Random random = new(seed);
        List<int> tokens = [];
        SpanMap spans = Spans();
        SpanIndex index = new(spans, Terms);
        for (int step = 0; step < 10; step++)
        {
            if (random.Next(3) == 0)
            {
                int length = random.Next(tokens.Count + 1);
                index.Truncate(length);
                spans.Truncate(length);
                tokens.RemoveRange(length, tokens.Count - length);
            }
            else
            {
                int[] more = [.. Enumerable.Range(0, random.Next(60)).Select(_ => Next(random))];
                tokens.AddRange(more);
                spans.Append(more);
            }

            if (random.Next(2) == 0)
                index.Append([.. tokens]);
        }

        index.Append([.. tokens]);
        SpanMap freshSpans = Spans();
        freshSpans.Append([.. tokens]);
        SpanIndex fresh = new(freshSpans, Terms);
        fresh.Append([.. tokens]);
        int[] question = [.. Enumerable.Range(0, 12).Select(_ => Next(random))];
        Assert.Equal(fresh.Find(question, 0.01f), index.Find(question, 0.01f));

        static int Next(Random random) => random.Next(5) switch
        {
            0 or 1 => random.Next(4),
            2 => Accent,
            _ => Word + random.Next(14),
        };
    }

    [Fact]
    public void Find_NumberOfSeveralTokens_OnlyTheSpanWithAllOfItIsFound()
    {
        int[] one = [8, 6, 9, 9], other = [8, 6, 9, 9, 7]; // the one begins the other
        SpanIndex index = Of([.. Words(1), .. one, .. Words(2, 0, 1), .. other, .. Words(2, 0, 1, 3, 0)]);
        Assert.Equal(0, Assert.Single(index.Find(one, 0.5f)).Tokens.Start);
        Assert.Equal(7, Assert.Single(index.Find(other, 0.5f)).Tokens.Start);
        Assert.Empty(index.Find([8, 6, 9], 0));
        Assert.Empty(index.Find([8], 0));
    }

    // As where a template leaves out what was thought before, so that every turn is cut.
    [Fact]
    public void Truncate_NumbersThatAreGone_AreForgotten()
    {
        SpanMap spans = Spans();
        SpanIndex index = new(spans, Terms);
        List<int> tokens = [.. Words(1), 4, 2, .. Words(0)];
        int kept = tokens.Count;
        spans.Append([.. tokens]);
        for (int round = 0; round < 200; round++)
        {
            int[] number = [1 + (round / 81), 1 + (round / 9 % 9), 1 + (round % 9), .. Words(2)];
            tokens.AddRange(number);
            spans.Append(number);
            index.Append([.. tokens]);
            Assert.InRange(index.Identifiers, 1, 6);
            Assert.Single(index.Find([4, 2], 0));
            Assert.Single(index.Find(number.AsSpan(0, 3), 0));
            index.Truncate(kept);
            spans.Truncate(kept);
            tokens.RemoveRange(kept, tokens.Count - kept);
        }
    }

    [Fact]
    public void Find_RareAndCommonWords_TheSpanWithTheRareOnesComesFirst()
    {
        SpanIndex index = Of(Words(1, 2, 3, 0, 1, 2, 4, 0, 1, 2, 5, 0, 1, 6, 7, 0));
        IReadOnlyList<SpanMatch> found = index.Find(Words(1, 2, 5, 99), 0);
        Assert.Equal((8, 12), (found[0].Tokens.Start, found[0].Tokens.End));
        Assert.True(found[0].Score > found[1].Score);
        Assert.Equal(found, index.Find(Words(5, 5, 2, 2, 1, 99), 0));
    }

    [Fact]
    public void Find_MinimumEvidence_LeavesOutWhatHasLess()
    {
        SpanIndex index = Of(Words(1, 2, 3, 0, 1, 4, 5, 0, 1, 6, 7, 0));
        Assert.Equal(3, index.Find(Words(1, 2, 3), 0.01f).Count);
        Assert.Equal(0, Assert.Single(index.Find(Words(1, 2, 3), 0.5f)).Tokens.Start); // a word that all have is none
        Assert.Empty(index.Find(Words(50, 51), 0));
        Assert.Empty(index.Find([FullStop], 0));
    }

    // What a search looks at: the postings of the question's words, whatever the rest of the conversation is.
    [Fact]
    public void Find_LongConversation_TakesTimeOfTheQuestionsWordsOnly()
    {
        Random random = new(1);
        int[] tokens = [.. Enumerable.Range(0, 100_000).Select(_ => random.Next(15) == 0 ? FullStop : 1 + random.Next(5000))];
        SpanIndex index = Of(tokens);
        Assert.InRange(index.Find([.. Enumerable.Range(4001, 20)], 0.001f).Count, 100, 600); // some 20 of each word
    }

    // The same conversation, and words as frequent in it: the one that is rare elsewhere counts more.
    [Fact]
    public void Find_WordsAsFrequentHere_TheOneThatIsRareElsewhereCountsMore()
    {
        SpanIndex index = Of([200, 1, FullStop, 9000, 1, FullStop, 1, FullStop, 1, FullStop]);
        IReadOnlyList<SpanMatch> found = index.Find([200, 9000], 0);
        Assert.Equal([3, 0], found.Select(static match => match.Tokens.Start));
        Assert.Equal(3, Assert.Single(index.Find([200, 9000], 0.6f)).Tokens.Start);
    }

    private static SpanIndex Of(int[] tokens)
    {
        SpanMap spans = Spans();
        spans.Append(tokens);
        SpanIndex index = new(spans, Terms);
        index.Append(tokens);
        return index;
    }

    // 0 is a full stop.
    private static int[] Words(params int[] words) => Array.ConvertAll(words, static word => word == 0 ? FullStop : Word + word);

    private static SpanMap Spans() => new(static token => token == FullStop ? TokenPiece.EndsSpan : TokenPiece.Word);
}
