using System.Text.Json;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class JsonCharactersTests
{
    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("a/é😀\u007f", "\"a/é😀\u007f\"")]
    [InlineData("\"\\", "\"\\\"\\\\\"")]
    [InlineData("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"")]
    [InlineData("\u0001\u001f\v", "\"\\u0001\\u001f\\u000b\"")]
    public void Quote_Text_EscapesWhatJsonWants(string text, string expected) => Assert.Equal(expected, JsonCharacters.Quote(text));

    [Property(MaxTest = 200)]
    public void Quote_AnyText_IsItsJson(NonNull<string> text)
    {
        using JsonDocument json = JsonDocument.Parse(JsonCharacters.Quote(text.Get));
        Assert.Equal(text.Get, json.RootElement.GetString());
    }

    [Theory]
    [InlineData("ab", "a b", "c \\u0061 ab")]
    [InlineData("\"", "\\\"", "\" \\u0022")]
    [InlineData("\n\\x", "\\n \\\\ x", "\\ n \\x0A")]
    [InlineData("\u0001", "\\u0001", "\u0001")]
    [InlineData("é😀", "é 😀", "e \\u00e9")]
    public void OneOf_Characters_AreSpelledAsInJson(string set, string accepted, string refused)
    {
        string grammar = "root ::= " + JsonCharacters.OneOf(CharSet.Of(set));
        Assert.All(accepted.Split(' '), text => Assert.True(GrammarMatcher.Accepts(grammar, text), text));
        Assert.All(refused.Split(' '), text => Assert.False(GrammarMatcher.Accepts(grammar, text), text));
    }

    [Fact]
    public void OneOf_EveryAsciiCharacter_IsSpelledAsQuoted()
    {
        string grammar = $"root ::= {JsonCharacters.OneOf(new CharSet([(1, 0x10FFFF)]))}";
        for (char letter = '\u0001'; letter <= '\u0080'; letter++)
        {
            string quoted = JsonCharacters.Quote(letter.ToString());
            Assert.True(GrammarMatcher.Accepts(grammar, quoted[1..^1]), quoted);
        }
    }
}
