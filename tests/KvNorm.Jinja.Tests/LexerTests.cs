namespace KvNorm.Jinja.Tests;

public sealed class LexerTests
{
    [Theory]
    [InlineData("a", "a")]
    [InlineData("a\n", "a")]
    [InlineData("a\r\nb\rc", "a\nb\nc")]
    [InlineData("a{b}c", "a{b}c")]
    [InlineData("{", "{")]
    [InlineData("a {{ x }} b", "a |{{ x }}| b")]
    [InlineData("a {{- x -}} b", "a|{{ x }}|b")]
    [InlineData("a\n{{ x }}\nb", "a\n|{{ x }}|\nb")]
    [InlineData("a\n  {% x %}\nb", "a\n|{% x %}|b")]
    [InlineData("a\n  {%+ x %}\nb", "a\n  |{% x %}|b")]
    [InlineData("a\n  {% x +%}\nb", "a\n|{% x %}|\nb")]
    [InlineData("a  {% x %}  b", "a  |{% x %}|  b")]
    [InlineData("a \n\t{%- x -%} \n\n b", "a|{% x %}|b")]
    [InlineData("  {% x %}\n\nb", "{% x %}|\nb")]
    [InlineData("a{# x #}b", "a|b")]
    [InlineData("a\n  {# {{ x #}\nb", "a\n|b")]
    [InlineData("a {#- x -#} b", "a|b")]
    [InlineData("{% raw %}{{ x }}{% endraw %}b", "{{ x }}|b")]
    [InlineData("{% raw -%} a {%- endraw %}\nb", "a|b")]
    [InlineData("{%raw%}{% x %}{%endraw%}", "{% x %}")]
    [InlineData("", "")]
    public void Tokenize_Template_IsCutIntoTextAndTags(string template, string expected) =>
        Assert.Equal(expected, string.Join('|', Parts(template)));

    [Theory]
    [InlineData("a\n{# b", 2, "the comment has no '#}'")]
    [InlineData("{% raw %} {% endra %}", 1, "the block 'raw' has no 'endraw'")]
    [InlineData("a\n\n{{ b", 3, "the tag has no '}}'")]
    [InlineData("{%", 1, "the tag has no '%}'")]
    public void Tokenize_Unfinished_SaysWhere(string template, int line, string message) =>
        Assert.Equal($"line {line}: {message}", Assert.Throws<JinjaException>(() => Lexer.Tokenize(template)).Message);

    [Fact]
    public void Tokenize_Lines_AreCounted() =>
        Assert.Equal([1, 2, 2, 3, 3, 5, 5, 5, 5], Lexer.Tokenize("a\n{{ x\n}}b\n\n{{- y }}").Select(token => token.Line));

    private static List<string> Parts(string template)
    {
        List<string> parts = [];
        foreach (Token token in Lexer.Tokenize(template))
        {
            if (token.Kind == TokenKind.Text)
                parts.Add(token.Text);
            else if (token.Kind is TokenKind.OpenExpression or TokenKind.OpenStatement)
                parts.Add(token.Kind == TokenKind.OpenExpression ? "{{" : "{%");
            else if (token.Kind is TokenKind.CloseExpression or TokenKind.CloseStatement)
                parts[^1] += token.Kind == TokenKind.CloseExpression ? " }}" : " %}";
            else if (token.Kind != TokenKind.End)
                parts[^1] += " " + token.Text;
        }

        return parts;
    }
}
