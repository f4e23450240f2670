namespace KvNorm.Jinja.Tests;

public sealed class TagLexerTests
{
    [Theory]
    [InlineData("a_1 é", "Name a_1, Name é")]
    [InlineData("1 1_000 1.5 1e3 1E-2 1.5e+3", "Integer 1, Integer 1000, Float 1.5, Float 1e3, Float 1E-2, Float 1.5e+3")]
    [InlineData("1.a", "Integer 1, Operator ., Name a")]
    [InlineData("x.0.1", "Name x, Operator ., Integer 0, Operator ., Integer 1")]
    [InlineData("1e", "Integer 1, Name e")]
    [InlineData("a**b//c<=d!=e", "Name a, Operator **, Name b, Operator //, Name c, Operator <=, Name d, Operator !=, Name e")]
    [InlineData("{'a': {}}", "Operator {, String a, Operator :, Operator {, Operator }, Operator }")]
    [InlineData("a-b", "Name a, Operator -, Name b")]
    public void Run_Tag_IsCutIntoTokens(string tag, string expected) => Assert.Equal(expected, Tokens(tag));

    [Theory]
    [InlineData("""'a"b'""", "a\"b")]
    [InlineData("""
        "a'b"
        """, "a'b")]
    [InlineData(@"'\n\r\t\a\b\f\v'", "\n\r\t\a\b\f\v")]
    [InlineData(@"'\\\'\""'", "\\'\"")]
    [InlineData(@"'\x41\u00e9\U0001F600'", "Aé😀")]
    [InlineData(@"'\101\0'", "A\0")]
    [InlineData(@"'\q\ '", @"\q\ ")]
    [InlineData("'a\\\nb'", "ab")]
    [InlineData("'a\nb'", "a\nb")]
    [InlineData("'}}'", "}}")]
    public void Run_String_IsWhatItStandsFor(string literal, string expected) => Assert.Equal("String " + expected, Tokens(literal));

    [Theory]
    [InlineData("'a", "the string has no end")]
    [InlineData("a ? b", "the character '?' is not expected")]
    [InlineData("a ! b", "the character '!' is not expected")]
    [InlineData(@"'\x4'", @"the escape '\x' needs 2 hexadecimal digits of a character")]
    [InlineData(@"'\u123'", @"the escape '\u' needs 4 hexadecimal digits of a character")]
    [InlineData(@"'\U00110000'", @"the escape '\U' needs 8 hexadecimal digits of a character")]
    [InlineData("(a", "the tag has no '}}'")]
    public void Run_Malformed_IsNamed(string tag, string message) =>
        Assert.Equal("line 1: " + message, Assert.Throws<JinjaException>(() => Tokens(tag)).Message);

    private static string Tokens(string tag) =>
        string.Join(", ", Lexer.Tokenize($"{{{{ {tag} }}}}").ToArray()[1..^2].Select(token => $"{token.Kind} {token.Text}"));
}
