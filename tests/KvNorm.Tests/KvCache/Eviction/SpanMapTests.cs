using FsCheck.Xunit;
using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class SpanMapTests
{
    private static LlamaVocabulary Vocabulary => EmbeddedModel.Model.Vocabulary;

    [Property(MaxTest = 100)]
    public void Spans_AnyAppendAndTruncate_AgreeWithCountingAnew(int seed)
    {
        Random random = new(seed);
        int rarity = random.Next(2, 100); // of tokens that end a span
        SpanMap map = new(token =>
            (token % rarity == 0 ? TokenPiece.EndsSpan : TokenPiece.None) | (token < 300 ? TokenPiece.Punctuation : TokenPiece.Word));
        List<int> tokens = [];
        for (int step = 0; step < 15; step++)
        {
            if (random.Next(3) > 0)
            {
                int[] more = [.. Enumerable.Range(0, random.Next(1, 90)).Select(_ => random.Next(1000))];
                map.Append(more);
                tokens.AddRange(more);
            }
            else
            {
                int length = random.Next(tokens.Count + 1);
                map.Truncate(length);
                tokens.RemoveRange(length, tokens.Count - length);
            }

            Assert.Equal(
                tokens.Select((token, index) => token < 300 && tokens.IndexOf(token) < index),
                Enumerable.Range(0, tokens.Count).Select(map.RepeatsPunctuation));
            Assert.Equal(Expected(tokens, token => token % rarity == 0), Enumerable.Range(0, tokens.Count).Select(token => map[token]));
        }
    }

    [Theory]
    [InlineData("It is at 10.0.0.7. Ask a.b@c.org!", "It is at 10.0.0.7.| Ask a.b@c.org!")]
    [InlineData("Pi is 3.14, see config.json. Yes?No", "Pi is 3.14, see config.json.| Yes?No")]
    [InlineData("1. One\n2. Two", "1.| One\n|2.| Two")]
    [InlineData("Wait... what?", "Wait...| what?")]
    public void For_Text_EndsNoSpanInAWordOrNumber(string text, string expected)
    {
        Assert.Equal(expected, string.Join('|', SpansOf(text)));
    }

    // Whatever is cut off, the rest is seen as if the whole had never been there.
    [Property(MaxTest = 100)]
    public void Truncate_AnyPieces_IsAsIfTheRestHadNeverBeen(int seed)
    {
        Random random = new(seed);
        TokenPiece PieceOf(int token) => (TokenPiece)(token * 37 % 256);
        int[] tokens = [.. Enumerable.Range(0, random.Next(1, 120)).Select(_ => random.Next(1000))];
        SpanMap whole = new(PieceOf), anew = new(PieceOf);
        whole.Append(tokens);
        int length = random.Next(tokens.Length + 1);
        whole.Truncate(length);
        anew.Append(tokens.AsSpan(0, length));
        int[] more = [.. Enumerable.Range(0, 30).Select(_ => random.Next(1000))];
        whole.Append(more);
        anew.Append(more);
        for (int token = 0; token < length + more.Length; token++)
            Assert.Equal((anew[token], anew.RepeatsPunctuation(token)), (whole[token], whole.RepeatsPunctuation(token)));
    }

    [Fact]
    public void For_Text_EndsSpansAtSentencesAndLines()
    {
        string[] spans = SpansOf("One two. Three? Four!\nfive");
        Assert.Equal("One two.", spans[0]);
        Assert.Equal(" Three?", spans[1]);
        Assert.Equal("five", spans[^1]);
    }

    [Theory]
    [InlineData("Yes, no, yes. No.", ",.")]
    [InlineData("one\n\ntwo\n\nthree", "\n\n\n")]
    [InlineData("日本、中国、韓国。", "、")]
    [InlineData("one one two two", "")]
    [InlineData("a-b,c-d,10.0.0.7, 2024-05-06, e, f", ",")] // what stands in a word or number is part of it, and its end too
    [InlineData("No. It is 48213. It is v2beta. Yes. No.", "..")]
    [InlineData("https://a.b/c, d://e", "")]
    [InlineData("a-b -- c- -d", "-")]
    public void For_Text_KnowsPunctuationThatCameBefore(string text, string repeated)
    {
        (int[] tokens, SpanMap map) = MapOf(text);
        int[] repeats = [.. Enumerable.Range(0, tokens.Length).Where(map.RepeatsPunctuation)];
        Assert.Equal(repeated, Vocabulary.Text(repeats.Select(token => tokens[token])));
    }

    private static (int[] Tokens, SpanMap Map) MapOf(string text)
    {
        List<int> tokens = [];
        Vocabulary.TokenizeText(text, tokens);
        TokenPieces pieces = TokenPieces.Of(Vocabulary);
        SpanMap map = new(token => pieces[token]);
        map.Append(tokens.ToArray());
        return ([.. tokens], map);
    }

    // The texts of the spans, in order.
    private static string[] SpansOf(string text)
    {
        (int[] tokens, SpanMap map) = MapOf(text);
        return
        [
            .. tokens.Select((token, index) => (Token: token, Span: map[index])).GroupBy(static pair => pair.Span)
                .Select(static group => Vocabulary.Text(group.Select(static pair => pair.Token))),
        ];
    }

    private static List<int> Expected(List<int> tokens, Func<int, bool> ends)
    {
        List<int> spans = [];
        int span = 0, length = 0;
        foreach (int token in tokens)
        {
            spans.Add(span);
            length++;
            if (length == 48 || ends(token))
            {
                span++;
                length = 0;
            }
        }

        return spans;
    }
}
