using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

/// <summary>Patterns against .NET's regular expressions as ECMAScript defines them.</summary>
public sealed class PatternParserTests
{
    private const int RegexMilliseconds = 2000;
    private const string Letters = "ab1_ -\n\"\\é]^";

    private static readonly string[] Atoms =
    [
        "a", "b", "1", "_", "-", " ", "[ab]", "[^ab]", "[a-]", "[^\\n]", "\\d", "\\D", "\\w", "\\W", "\\s", "\\S", ".",
        "\\n", "\\-", "\\x61", "\\u0062", "é", "[\\]^]", "\\\\", "\"",
    ];

    private static readonly string[] Repeats =
    [
        "", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}", "*?", "+?", "??", "{2}?", "{1}", "{1}?",
    ];

    [Property(MaxTest = 40)]
    public void Content_AnyPattern_LetsThroughWhatMatches(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        string pattern = Pattern(random, 2);
        string? grammar = Grammar(pattern);
        Assert.True(grammar is not null, pattern);
        Regex judge = Judge(pattern);
        for (int i = 0; i < 12; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Letters[random.Next(Letters.Length)]));
            string json = JsonCharacters.Quote(text);
            Assert.True(judge.IsMatch(text) == GrammarMatcher.Accepts(grammar, json), $"{pattern} and {json}");
        }
    }

    [Property(MaxTest = 20)]
    public void Content_TextDrawnFromIt_Matches(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        string pattern = "^" + Sequence(random, 2) + "$";
        if (GrammarMatcher.Draw(Grammar(pattern)!, random, 300) is not { } json)
            return;
        string text = JsonDocument.Parse(json).RootElement.GetString()!;
        Assert.True(Judge(pattern).IsMatch(text), $"{pattern} and {json}");
    }

    [Theory]
    [InlineData("", "", "x")]
    [InlineData("^", "", "x")]
    [InlineData("$", "", "x")]
    [InlineData("^a|b|c$", "ax", "xb")]
    [InlineData("^(|a)$", "", "a")]
    [InlineData("^[^]$", "\u2028", "x")]
    [InlineData("^[\\b]$", "\b", "\b")]
    [InlineData("^\\f\\v\\r\\t$", "\f\v\r\t", "\f\v\r\t")]
    [InlineData("^[\\d-]+$", "1-2", "-")]
    [InlineData("^[^-a]$", "b", "é")]
    [InlineData("^😀{2}$", "😀😀", "😀😀")]
    [InlineData("^[😀-😂]$", "😁", "😂")]
    [InlineData("^(?<n>a)(?:b)$", "ab", "ab")]
    [InlineData("^a}]$", "a}]", "a}]")]
    [InlineData("^\\/\\.\\$\\^$", "/.$^", "/.$^")]
    [InlineData("^a{0}b$", "b", "b")]
    [InlineData("^\\s$", "\ufeff", "\u00a0")]
    public void Content_Match_IsLetThrough(string pattern, string first, string second)
    {
        string grammar = Grammar(pattern)!;
        Assert.True(GrammarMatcher.Accepts(grammar, JsonCharacters.Quote(first)), first);
        Assert.True(GrammarMatcher.Accepts(grammar, JsonCharacters.Quote(second)), second);
    }

    [Theory]
    [InlineData("^a|b|c$", "xa")]
    [InlineData("^a|b|c$", "cx")]
    [InlineData("^a{0}b$", "ab")]
    [InlineData("^(|a)$", "aa")]
    [InlineData("^.$", "\n")]
    [InlineData("^.$", "\u2028")]
    [InlineData("^[a-]$", "b")]
    [InlineData("^😀{2}$", "😀")]
    [InlineData("^\\w$", "é")]
    [InlineData("^\\d$", "\u0661")]
    [InlineData("^\\s$", "\u200b")]
    [InlineData("^[\\b]$", "b")]
    [InlineData("^a{1}?$", "aa")]
    public void Content_NoMatch_IsRefused(string pattern, string text) =>
        Assert.False(GrammarMatcher.Accepts(Grammar(pattern)!, JsonCharacters.Quote(text)));

    [Theory]
    [InlineData("a(?=b)")]
    [InlineData("(?!a)")]
    [InlineData("(?<=a)b")]
    [InlineData("(?<!a)b")]
    [InlineData("(?i:a)")]
    [InlineData("(a)\\1")]
    [InlineData("(?<n>a)\\k<n>")]
    [InlineData("\\ba")]
    [InlineData("a\\B")]
    [InlineData("\\p{L}")]
    [InlineData("[\\P{L}]")]
    [InlineData("\\cA")]
    [InlineData("a^b")]
    [InlineData("a$b")]
    [InlineData("(^a)")]
    [InlineData("(a$)")]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("a\\")]
    [InlineData("*a")]
    [InlineData("a**")]
    [InlineData("a{2}{3}")]
    [InlineData("a{1}*")]
    [InlineData("a{3,2}")]
    [InlineData("a{,2}")]
    [InlineData("a{1")]
    [InlineData("[b-a]")]
    [InlineData("[]")]
    [InlineData("\\ud83d")]
    [InlineData("\\x4g")]
    [InlineData("(a*)*")]
    [InlineData("(a?){2}")]
    public void Content_WhatCannotBeSaid_IsNothing(string pattern) => Assert.Null(PatternParser.Content(new GrammarBuilder(), pattern));

    [Fact]
    public void Content_TooLongOrTooDeep_IsNothing()
    {
        GrammarBuilder builder = new();
        Assert.NotNull(PatternParser.Content(builder, new string('a', 2000)));
        Assert.Null(PatternParser.Content(builder, new string('a', 2001)));
        Assert.NotNull(PatternParser.Content(builder, new string('(', 30) + "a" + new string(')', 30)));
        Assert.Null(PatternParser.Content(builder, new string('(', 31) + "a" + new string(')', 31)));
        Assert.NotNull(PatternParser.Content(builder, string.Concat(Enumerable.Repeat("(a)", 100)))); // beside each other
    }

    // .NET's "$" also stands before a line break at the end, and the white space of its ECMAScript is ASCII only.
    private static Regex Judge(string pattern)
    {
        const string Space = "\\t-\\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";
        string judged = pattern.Replace("$", "(?!\\n)$", StringComparison.Ordinal)
            .Replace("\\s", $"[{Space}]", StringComparison.Ordinal).Replace("\\S", $"[^{Space}]", StringComparison.Ordinal);
        return new Regex(judged, RegexOptions.ECMAScript, TimeSpan.FromMilliseconds(RegexMilliseconds));
    }

    private static string? Grammar(string pattern)
    {
        GrammarBuilder builder = new();
        return PatternParser.Content(builder, pattern) is { } content ? builder.Build($"\"\\\"\" {content.Text} \"\\\"\"") : null;
    }

    private static string Pattern(Random random, int depth)
    {
        StringBuilder pattern = new();
        for (int i = 0; i <= random.Next(2); i++)
        {
            pattern.Append(i > 0 ? "|" : "").Append(random.Next(2) == 0 ? "^" : "").Append(Sequence(random, depth));
            pattern.Append(random.Next(2) == 0 ? "$" : "");
        }

        return pattern.ToString();
    }

    // A group always begins with a letter: a loop over what may be empty cannot be said.
    private static string Sequence(Random random, int depth)
    {
        StringBuilder sequence = new();
        for (int i = 0; i < random.Next(1, 4); i++)
        {
            string item = depth > 0 && random.Next(4) == 0
                ? $"(a{Sequence(random, depth - 1)}|b{Sequence(random, depth - 1)})"
                : Atoms[random.Next(Atoms.Length)];
            sequence.Append(item).Append(Repeats[random.Next(Repeats.Length)]);
        }

        return sequence.ToString();
    }
}
