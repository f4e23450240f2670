using FsCheck;
using FsCheck.Xunit;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class GbnfTests
{
    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("a b", "\"a b\"")]
    [InlineData("\"\\", "\"\\\"\\\\\"")]
    [InlineData("\n\u007f", "\"\\x0A\\x7F\"")]
    public void Literal_Text_IsQuoted(string text, string expected) => Assert.Equal(expected, Gbnf.Literal(text));

    [Property(MaxTest = 100)]
    public void Literal_AnyText_StandsForItself(NonNull<string> text)
    {
        string said = text.Get.Replace("\0", "", StringComparison.Ordinal); // ends a text in llama.cpp
        string grammar = "root ::= " + Gbnf.Literal(said);
        Assert.True(GrammarMatcher.Accepts(grammar, said), grammar);
        Assert.False(GrammarMatcher.Accepts(grammar, said + "x"), grammar);
    }

    [Fact]
    public void OneOf_Alternatives_AreAGroupWithoutRepeats()
    {
        Assert.Equal("\"a\"", Gbnf.OneOf(["\"a\""]));
        Assert.Equal("\"a\"", Gbnf.OneOf(["\"a\"", "\"a\""]));
        string grammar = $"root ::= {Gbnf.OneOf(["\"a\"", "\"b\"", "\"a\""])} \"c\"";
        Assert.True(GrammarMatcher.Accepts(grammar, "ac") && GrammarMatcher.Accepts(grammar, "bc"));
        Assert.False(GrammarMatcher.Accepts(grammar, "a"));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(0, 3)]
    [InlineData(2, 2)]
    [InlineData(2, 4)]
    [InlineData(0, null)]
    [InlineData(1, null)]
    [InlineData(3, null)]
    public void Repeat_Bounds_AreHowOftenItStands(int least, int? most)
    {
        string grammar = $"root ::= \"<\" {Gbnf.Repeat("[a]", least, most)} \">\"";
        for (int times = 0; times < 7; times++)
            Assert.Equal(times >= least && !(times > most), GrammarMatcher.Accepts(grammar, $"<{new string('a', times)}>"));
    }

    [Theory]
    [InlineData(0, 2000)]
    [InlineData(2000, 2000)]
    [InlineData(5000, null)]
    [InlineData(Gbnf.MostRepetitions, Gbnf.MostRepetitions)]
    public void Repeat_BoundsThatLlamaDoesNotTake_AreWidened(int least, int? most)
    {
        string grammar = $"root ::= {Gbnf.Repeat("[a]", least, most)}";
        Assert.True(GrammarMatcher.Accepts(grammar, new string('a', most ?? least)));
    }
}
