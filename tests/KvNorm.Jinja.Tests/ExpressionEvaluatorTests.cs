namespace KvNorm.Jinja.Tests;

public sealed class ExpressionEvaluatorTests
{
    [Theory]
    [InlineData("false and raise_exception('x')", "false")]
    [InlineData("'' or 'b' or raise_exception('x')", "b")]
    [InlineData("1 if true else raise_exception('x')", "1")]
    [InlineData("1 > 2 > raise_exception('x')", "false")]
    public void Evaluate_WhatIsNotNeeded_IsNotEvaluated(string expression, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{{{ {expression} }}}}"));

    [Theory]
    [InlineData("{'items': 1}.items", "1")]
    [InlineData("{'items': 1}.items()|length", "1")]
    [InlineData("{'items': 1}['items']", "1")]
    [InlineData("{1: 'a'}[1.0]", "a")]
    [InlineData("{'a': 1}.get('a')", "1")]
    [InlineData("[1, 2][true]", "2")]
    [InlineData("'abc'[-1]", "c")]
    [InlineData("'a'['upper']()", "A")]
    [InlineData("[1][5] is defined", "false")]
    [InlineData("[1]['x'] is defined", "false")]
    [InlineData("missing.a.b.c|default('d')", "d")]
    [InlineData("missing['a']['b'] is defined", "false")]
    [InlineData("('x' if false) is defined", "false")]
    [InlineData("-true", "-1")]
    [InlineData("+2.5", "2.5")]
    [InlineData("'abcd'[1:none]", "bcd")]
    [InlineData("'abcd'[false:true]", "a")]
    public void Evaluate_Expression_GivesItsValue(string expression, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{{{ {expression} }}}}"));

    [Theory]
    [InlineData("missing.a", "'missing' is undefined, so it has no 'a'")]
    [InlineData("missing['a']", "'missing' is undefined, so it has no items")]
    [InlineData("missing.a.b|upper", "'missing' is undefined, so it has no 'a'")]
    [InlineData("'abc'['a':]", "a slice does not take text")]
    [InlineData("1[1:]", "an integer cannot be sliced")]
    [InlineData("-'a'", "the sign '-' does not take text")]
    [InlineData("5()", "'a value' is an integer and cannot be called")]
    [InlineData("[[1]|first]()", "'a value' is a list and cannot be called")]
    [InlineData("{[]: 1}", "a list cannot be a key")]
    [InlineData("1|nothing", "the filter 'nothing' is not supported")]
    [InlineData("1 is nothing", "the test 'nothing' is not supported")]
    public void Evaluate_WhatCannotBe_IsAnError(string expression, string message) =>
        Assert.Equal("line 1: " + message, Rendering.Try($"{{{{ {expression} }}}}").Error?.Message);

    [Fact]
    public void Evaluate_AnError_HasTheLineOfItsOperator() =>
        Assert.Equal(3, Rendering.Try("{{ [\n1,\n2 + none\n] }}").Error?.Line);
}
