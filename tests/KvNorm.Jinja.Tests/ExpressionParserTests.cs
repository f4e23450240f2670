namespace KvNorm.Jinja.Tests;

public sealed class ExpressionParserTests
{
    [Theory]
    [InlineData("1 + 2 * 3", "1 + (2 * 3)")]
    [InlineData("2 * 3 ** 2", "2 * (3 ** 2)")]
    [InlineData("2 ** 3 ** 2", "(2 ** 3) ** 2")]
    [InlineData("7 - 2 - 1", "(7 - 2) - 1")]
    [InlineData("1 ~ 2 + 3", "(1 ~ 2) + 3")]
    [InlineData("1 ~ 2 * 3", "1 ~ (2 * 3)")]
    [InlineData("1 + 2 == 3", "(1 + 2) == 3")]
    [InlineData("not 1 == 2", "not (1 == 2)")]
    [InlineData("not true and false", "(not true) and false")]
    [InlineData("true or true and false", "true or (true and false)")]
    [InlineData("1 or 0 if 0 else 2", "(1 or 0) if 0 else 2")]
    [InlineData("1 if 0 else 2 if 0 else 3", "1 if 0 else (2 if 0 else 3)")]
    [InlineData("-3|abs", "(-3)|abs")]
    [InlineData("'b' ~ 'a'|upper", "'b' ~ ('a'|upper)")]
    [InlineData("2 is even and 3 is odd", "(2 is even) and (3 is odd)")]
    [InlineData("not 3 is even", "not (3 is even)")]
    [InlineData("3 is not even", "not (3 is even)")]
    [InlineData("4 is divisibleby 2 and true", "(4 is divisibleby(2)) and true")]
    [InlineData("1 is == 1", "1 == 1")]
    [InlineData("'a' in 'b' ~ 'a'", "'a' in ('b' ~ 'a')")]
    [InlineData("'c' not in 'ab'", "not ('c' in 'ab')")]
    [InlineData("'a,b'|split(',')[0]", "('a,b'|split(','))[0]")]
    [InlineData("[[1, 2]][0][1]", "2")]
    [InlineData("[[1, 2]].0.1", "2")]
    [InlineData("(1, 2)|length", "2")]
    [InlineData("[1, 2, 3][1:][0]", "2")]
    [InlineData("'ab'.upper().lower()|upper", "'AB'")]
    [InlineData("'a'|replace('a', 'b',)", "'b'")]
    public void Parse_Expression_BindsAsTheOtherOne(string expression, string other) =>
        Assert.Equal(Rendering.Text($"{{{{ {other} }}}}"), Rendering.Text($"{{{{ {expression} }}}}"));

    [Theory]
    [InlineData("{{ a. }}", "the name of an attribute is expected before '}}'")]
    [InlineData("{{ a| }}", "the name of a filter is expected before '}}'")]
    [InlineData("{{ a is }}", "the name of a test is expected before '}}'")]
    [InlineData("{{ f(a=1, 2) }}", "an argument without a name follows one with a name")]
    [InlineData("{{ f(1 2) }}", "',' is expected before '2'")]
    [InlineData("{{ a[1 2] }}", "':' is expected before '2'")]
    [InlineData("{{ a[1:2:3:4] }}", "']' is expected before ':'")]
    [InlineData("{{ a not b }}", "'}}' is expected before 'not'")]
    [InlineData("{{ }}", "an expression is expected before '}}'")]
    public void Parse_WhatIsNoExpression_SaysWhatIsExpected(string template, string message) =>
        Assert.Equal("line 1: " + message, Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template)).Message);
}
