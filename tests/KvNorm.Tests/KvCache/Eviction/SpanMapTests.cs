using FsCheck.Xunit;
using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class SpanMapTests
{
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

    [Fact]
    public void For_Text_EndsSpansAtSentencesAndLines()
    {
        List<int> tokens = [];
        EmbeddedModel.Model.Vocabulary.TokenizeText("One two. Three? Four!\nfive", tokens);
        SpanMap map = MapOf(EmbeddedModel.Model.Vocabulary);
        map.Append(tokens.ToArray());
        Dictionary<int, string> spans = tokens.Select((token, index) => (Token: token, Span: map[index]))
            .GroupBy(static pair => pair.Span)
            .ToDictionary(
                static group => group.Key, static group => EmbeddedModel.Model.Vocabulary.Text(group.Select(static pair => pair.Token)));
        Assert.Equal("One two.", spans[0]);
        Assert.Equal(" Three?", spans[1]);
        Assert.Equal("five", spans[spans.Keys.Max()]);
    }

    [Theory]
    [InlineData("Yes, no, yes. No.", ",.")]
    [InlineData("one\n\ntwo\n\nthree", "\n\n\n")]
    [InlineData("日本、中国、韓国。", "、")]
    [InlineData("one one two two", "")]
    public void For_Text_KnowsPunctuationThatCameBefore(string text, string repeated)
    {
        List<int> tokens = [];
        LlamaVocabulary vocabulary = EmbeddedModel.Model.Vocabulary;
        vocabulary.TokenizeText(text, tokens);
        SpanMap map = MapOf(vocabulary);
        map.Append(tokens.ToArray());
        int[] repeats = [.. Enumerable.Range(0, tokens.Count).Where(map.RepeatsPunctuation)];
        Assert.Equal(repeated, vocabulary.Text(repeats.Select(token => tokens[token])));
    }

    private static SpanMap MapOf(LlamaVocabulary vocabulary)
    {
        TokenPieces pieces = TokenPieces.Of(vocabulary);
        return new SpanMap(token => pieces[token]);
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
