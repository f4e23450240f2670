using System.Diagnostics;
using System.Globalization;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class GrammarCheckTests
{
    [Theory]
    [InlineData("root ::= \"a\"")]
    [InlineData("root ::= \"a\" root | \"b\"")]
    [InlineData("root ::= (\"a\" root)?")]
    [InlineData("root ::= a b\na ::= \"x\"?\nb ::= \"y\" root | \"\"")]
    [InlineData("root ::= [a] root | a\na ::= [b] a | root2\nroot2 ::= \"c\"")]
    [InlineData("other ::= root\nroot ::= \"a\"")]
    [InlineData("root ::= \"a\"\nunused ::= [b] unused")]
    public void Verify_Grammar_IsTaken(string text) => Assert.Null(Record.Exception(() => GrammarCheck.Verify(text)));

    [Theory]
    [InlineData("root ::= root", "root")]
    [InlineData("root ::= \"a\" | root \"b\"", "root")]
    [InlineData("root ::= a\na ::= b | \"x\"\nb ::= root \"y\"", "root")]
    [InlineData("root ::= \"\" root", "root")]
    [InlineData("root ::= \"a\"? root", "root")]
    [InlineData("root ::= [a]* root", "root")]
    [InlineData("root ::= [a]{0,3} root", "root")]
    [InlineData("root ::= (\"a\" | \"\") root", "root")]
    [InlineData("root ::= (\"b\" | root) \"c\"", "root")]
    [InlineData("root ::= (root)?", "root")]
    [InlineData("root ::= a root\na ::= b\nb ::= c c\nc ::= \"x\"?", "root")] // empty only through others: llama.cpp would end the process
    [InlineData("root ::= \"a\"\nunused ::= unused", "unused")]
    [InlineData("root ::= \"a\" (unused | [b])\nunused ::= (unused)", "unused")]
    public void Verify_RuleThatBeginsWithItself_IsRefused(string text, string rule)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => GrammarCheck.Verify(text));
        Assert.Contains($"'{rule}' begins with itself", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" \n", "empty")]
    [InlineData("start ::= \"a\"", "'root'")]
    [InlineData("Root ::= \"a\"", "'root'")]
    [InlineData("root ::= a", "'a'")]
    [InlineData("root ::= \"x\" a", "'a'")]
    [InlineData("root ::= \"x\" (\"y\" (a))", "'a'")]
    [InlineData("root ::= \"x\"\nunused ::= \"y\" a?", "'a'")]
    [InlineData("root ::= \"x\0\"", "U+0000")]
    [InlineData("root", "::=")]
    public void Verify_Wrong_SaysWhy(string text, string expected)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => GrammarCheck.Verify(text));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_Size_IsTakenUpToALimit()
    {
        const string Around = "root ::= \"\"";
        GrammarCheck.Verify(Around.Insert(Around.Length - 1, new string('a', GrammarCheck.MostCharacters - Around.Length)));
        ArgumentException e = Assert.Throws<ArgumentException>(static () =>
            GrammarCheck.Verify(Around.Insert(Around.Length - 1, new string('a', GrammarCheck.MostCharacters - Around.Length + 1))));
        Assert.Contains(GrammarCheck.MostCharacters.ToString(CultureInfo.InvariantCulture), e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(3000, false)]
    public void Verify_RulesThatBeginWithEachOther_AreTakenUpToALimit(int count, bool taken)
    {
        IEnumerable<string> chain = Enumerable.Range(0, count).Select(static i => $"r{i} ::= r{i + 1} [x]\n");
        Exception? e = Record.Exception(() => GrammarCheck.Verify($"root ::= r0\n{string.Concat(chain)}r{count} ::= [y]"));
        Assert.Equal(taken ? null : typeof(ArgumentException), e?.GetType());
    }

    // A group is a rule of its own to llama.cpp, wherever it stands: each of these begins in some two million ways.
    [Theory]
    [InlineData(1, true)]
    [InlineData(9, false)]
    public void Verify_WaysThroughGroups_AreCountedToo(int groups, bool taken)
    {
        IEnumerable<string> chain = Enumerable.Range(0, 20).Select(static i => $"r{i} ::= r{i + 1} [x] | r{i + 1} [y]\n");
        string root = string.Concat(Enumerable.Repeat(" (r0)", groups));
        Exception? e = Record.Exception(() => GrammarCheck.Verify($"root ::= [x]{root}\n{string.Concat(chain)}r20 ::= [z]"));
        Assert.Equal(taken ? null : typeof(ArgumentException), e?.GetType());
    }

    // Every rule begins with the next one in two ways, so there are 2^count ways in all.
    [Theory]
    [InlineData(15, true)]
    [InlineData(60, false)]
    [InlineData(500, false)]
    public void Verify_WaysThroughTheBeginnings_AreCountedWithoutWalkingThem(int count, bool taken)
    {
        IEnumerable<string> chain = Enumerable.Range(0, count).Select(static i => $"r{i} ::= r{i + 1} [x] | r{i + 1} [y]\n");
        long start = Stopwatch.GetTimestamp();
        Exception? e = Record.Exception(() => GrammarCheck.Verify($"root ::= r0\n{string.Concat(chain)}r{count} ::= [z]"));
        Assert.Equal(taken ? null : typeof(ArgumentException), e?.GetType());
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
    }
}
