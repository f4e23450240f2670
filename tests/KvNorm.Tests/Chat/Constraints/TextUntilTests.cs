using FsCheck;
using FsCheck.Xunit;
using KvNorm.Chat.Constraints;
using KvNorm.Grammars;
using KvNorm.Tests.Grammars;

namespace KvNorm.Tests.Chat.Constraints;

public sealed class TextUntilTests
{
    private static readonly string[] Marks = ["x", "aab", "abab", "</a>", "<<a<", "\n\n\"", "aaa"];
    private static readonly string[] UntilGrammars = [.. Marks.Select(Until)];
    private static readonly string[] WithoutGrammars = [.. Marks.Select(Without)];

    [Theory]
    [InlineData("", false)]
    [InlineData("</think>", true)]
    [InlineData("a < b </ </thin</think>", true)]
    [InlineData("<</think>", true)]
    [InlineData("</think></think>", false)]
    [InlineData("</think> ", false)]
    [InlineData("é€😀\n\"\\</think>", true)]
    public void Define_Text_EndsAtTheFirstMark(string text, bool expected) =>
        Assert.Equal(expected, GrammarMatcher.Accepts(Until("</think>"), text));

    [Theory]
    [InlineData("", true)]
    [InlineData("a </think", true)]
    [InlineData("a </think>", false)]
    [InlineData("<</think> b", false)]
    [InlineData("é€😀\n\"\\", true)]
    public void DefineWithout_Text_NeverHasTheMark(string text, bool expected) =>
        Assert.Equal(expected, GrammarMatcher.Accepts(Without("</think>"), text));

    [Property(MaxTest = 200)]
    public void Define_AnyText_IsJudgedByItsFirstMark(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        int index = random.Next(Marks.Length);
        string mark = Marks[index], letters = mark + mark + " é";
        string text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => letters[random.Next(letters.Length)]));
        text += random.Next(2) == 0 ? mark : "";
        int first = text.IndexOf(mark, StringComparison.Ordinal);
        bool endsAtFirst = first >= 0 && first == text.Length - mark.Length;
        Assert.True(endsAtFirst == GrammarMatcher.Accepts(UntilGrammars[index], text), $"{text} until {mark}");
        Assert.True(first < 0 == GrammarMatcher.Accepts(WithoutGrammars[index], text), $"{text} without {mark}");
    }

    [Fact]
    public void Define_SameMark_IsOneRule()
    {
        GrammarBuilder builder = new();
        Assert.Equal(TextUntil.Define(builder, "</a>"), TextUntil.Define(builder, "</a>"));
        Assert.NotEqual(TextUntil.Define(builder, "</a>"), TextUntil.Define(builder, "</b>"), StringComparer.Ordinal);
        Assert.NotEqual(TextUntil.Define(builder, "</a>"), TextUntil.DefineWithout(builder, "</a>"), StringComparer.Ordinal);
    }

    private static string Until(string mark)
    {
        GrammarBuilder builder = new();
        return builder.Build(TextUntil.Define(builder, mark));
    }

    private static string Without(string mark)
    {
        GrammarBuilder builder = new();
        return builder.Build(TextUntil.DefineWithout(builder, mark));
    }
}
