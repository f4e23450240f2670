using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class GrammarReaderTests
{
    // Characters are written as a dot, a literal without any as _, what may be left out with a question mark.
    [Theory]
    [InlineData("root ::= \"a\"", "root=.")]
    [InlineData("root::=a b|c", "root=a b|c")]
    [InlineData("root ::= \"\" | \"\\\"\" | [\\]a] | [^a] | .", "root=_|.|.|.|.")]
    [InlineData("root ::= a? b* c+ d{0,2} e{2} f{1,} g{0}", "root=a? b? c d? e f g?")]
    [InlineData("root ::= [a]{ 0,1} b{\t0 } (c){00,2} d{ 10,} e{,2}", "root=.? b? (c)? d e")]
    [InlineData("root ::= (a{\n 0,1})", "root=(a?)")]
    [InlineData("root ::= \"a\"? ([b] | c)* (d)", "root=.? (.|c)? (d)")]
    [InlineData("root ::= (a (b | \"\") | c)?", "root=(a (b|_)|c)?")]
    [InlineData("root ::= a+? b?+", "root=a? b?")]
    [InlineData("# note\n\nroot ::= a # b ::= c\n  # more\nb ::= \"#\" c\r\n", "root=a;b=. c")]
    [InlineData("root ::=\n  a\nb ::= (\n  c # note\n  | d\n)\n", "root=a;b=(c|d)")]
    [InlineData("root ::= a |\n  b\nc ::= d", "root=a|b;c=d")]
    [InlineData("root ::= a\nroot ::= b", "root=b")]
    [InlineData("a-1 ::= B2 | <think> c | !<[5]> d", "a-1=B2|. c|. d")]
    [InlineData("root ::= | a", "root=|a")]
    [InlineData("root ::= \"a\\\\\" b", "root=. b")]
    [InlineData("root ::= \"::= (\" [(|\"] a", "root=. . a")]
    [InlineData("", "")]
    [InlineData(" \n# only a note", "")]
    public void Read_Grammar_IsItsRules(string text, string expected) =>
        Assert.Equal(expected, string.Join(';', new GrammarReader(text).Read().Select(static rule => $"{rule.Key}={Write(rule.Value)}")));

    [Theory]
    [InlineData("root", "::=")]
    [InlineData("root = a", "::=")]
    [InlineData("::= a", "the name of a rule")]
    [InlineData("root ::= \"a", "'\"'")]
    [InlineData("root ::= \"a\\\"", "'\"'")]
    [InlineData("root ::= [a", "']'")]
    [InlineData("root ::= <think", "'>'")]
    [InlineData("root ::= (a", "the end of a group")]
    [InlineData("root ::= a)", "the end of the rule")]
    [InlineData("root ::= a{2", "the end of a repetition")]
    [InlineData("root ::= a b_c", "the end of the rule")]
    [InlineData("root ::= *", "the end of the rule")]
    public void Read_NoGrammar_SaysWhatWasExpected(string text, string expected)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new GrammarReader(text).Read());
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Wrong_NamesTheCharacter()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(static () => new GrammarReader("root ::= a) b").Read());
        Assert.Contains("at character 10:", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_GroupsWithinGroups_AreTakenUpToALimit()
    {
        static string Nested(int depth) => $"root ::= {new string('(', depth)}a{new string(')', depth)}";
        Assert.Single(new GrammarReader(Nested(GrammarCheck.DeepestGroup)).Read());
        Assert.Throws<ArgumentException>(() => new GrammarReader(Nested(GrammarCheck.DeepestGroup + 1)).Read());
        string beside = string.Concat(Enumerable.Repeat("(a) ", GrammarCheck.DeepestGroup + 1));
        Assert.Single(new GrammarReader("root ::= " + beside).Read());
    }

    private static string Write(IReadOnlyList<IReadOnlyList<GrammarPart>> alternatives) =>
        string.Join('|', alternatives.Select(static sequence => string.Join(' ', sequence.Select(Write))));

    private static string Write(GrammarPart part) =>
        (part.Rule ?? (part.Group is { } group ? $"({Write(group)})" : part.IsEmpty ? "_" : ".")) + (part.MayBeAbsent ? "?" : "");
}
