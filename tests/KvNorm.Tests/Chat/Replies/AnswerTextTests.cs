using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using KvNorm.Chat.Replies;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Chat.Replies;

public sealed class AnswerTextTests
{
    private static readonly string[] Characters = ["a", " ", "\n", "é", "ß", "中", "–", "😀", "👩‍🚀", "🇩🇪"];

    private static readonly LlamaVocabulary Vocabulary = EmbeddedModel.Model.Vocabulary;

    private static readonly Dictionary<byte, int> ByteTokens = Enumerable.Range(0, Vocabulary.Count)
        .Where(token => Vocabulary.PieceBytes(token).Length == 1)
        .GroupBy(token => Vocabulary.PieceBytes(token)[0])
        .ToDictionary(group => group.Key, group => group.First());

    [Theory]
    [InlineData("😀")]
    [InlineData("I 👩‍🚀 you, café 中文 – 🇩🇪!")]
    public void Push_CharactersInSeveralTokens_NeverShowsAReplacementCharacter(string text)
    {
        AnswerText answer = new(Vocabulary, _ => false);
        List<string> shown = [.. Bytewise(text).Select(answer.Push)];
        Assert.DoesNotContain(shown, piece => piece.Contains('\uFFFD', StringComparison.Ordinal));
        Assert.Equal(text, string.Concat(shown));
        Assert.Equal("", answer.Finish());
    }

    [Fact]
    public void Push_HalfACharacter_ShowsNothingUntilItIsWhole()
    {
        AnswerText answer = new(Vocabulary, _ => false);
        Assert.Equal("|||😀", string.Join('|', Bytewise("😀").Select(answer.Push)));
    }

    [Fact]
    public void Finish_HalfACharacter_BecomesOneReplacementCharacter()
    {
        AnswerText answer = new(Vocabulary, _ => false);
        foreach (int token in Bytewise("😀").Take(2))
            Assert.Equal("", answer.Push(token));
        Assert.Equal("\uFFFD", answer.Finish());
    }

    [Fact]
    public void Push_ControlTokenThatIsAMark_IsItsText()
    {
        AnswerText answer = new(Vocabulary, _ => true);
        Assert.Equal("<|im_end|>", answer.Push(Vocabulary.Special("<|im_end|>")!.Value));
    }

    [Fact]
    public void Push_ControlToken_HasNoText()
    {
        AnswerText answer = new(Vocabulary, _ => false);
        Assert.Equal("", answer.Push(Vocabulary.Special("<|im_end|>")!.Value));
    }

    // Each character comes as the tokens of its run or as one token per byte.
    [Property(MaxTest = 200)]
    public Property Push_AnyCutting_GivesTheSameText()
    {
        Gen<(string Text, bool Bytes)> part =
            from characters in Gen.Elements(Characters).ListOf()
            from bytes in Gen.Elements(true, false)
            select (string.Concat(characters), bytes);
        return Prop.ForAll(part.ListOf().ToArbitrary(), parts =>
        {
            AnswerText answer = new(Vocabulary, _ => false);
            List<int> tokens = [.. parts.SelectMany(piece => piece.Bytes ? Bytewise(piece.Text) : Tokens(piece.Text))];
            string shown = string.Concat(tokens.Select(answer.Push).ToList()) + answer.Finish();
            string text = string.Concat(parts.Select(piece => piece.Text));
            return shown == text;
        });
    }

    private static List<int> Tokens(string text)
    {
        List<int> tokens = [];
        Vocabulary.TokenizeText(text, tokens);
        return tokens;
    }

    private static IEnumerable<int> Bytewise(string text) => Encoding.UTF8.GetBytes(text).Select(value => ByteTokens[value]);
}
