namespace KvNorm.Jinja.Tests;

public sealed class IterationTests
{
    [Theory]
    [InlineData("[1, 2]", "12")]
    [InlineData("(1, 2)", "12")]
    [InlineData("{'a': 1, 'b': 2}", "ab")]
    [InlineData("'a😀'", "a😀")]
    [InlineData("''", "")]
    [InlineData("missing", "")]
    public void Of_Value_GivesItsItems(string expression, string expected) =>
        Assert.Equal(expected, string.Concat(Iteration.Of(Runs.New(), Runs.Value(expression))));

    [Theory]
    [InlineData("1", "an integer")]
    [InlineData("none", "none")]
    [InlineData("namespace()", "a namespace")]
    [InlineData("range", "a function")]
    public void Of_WhatHasNoItems_IsAnError(string expression, string name) =>
        Assert.Equal(
            $"line 1: {name} has no items to go through",
            Assert.Throws<JinjaException>(() => Iteration.Of(Runs.New(), Runs.Value(expression))).Message);

    [Fact]
    public void Of_ListThatGrowsMeanwhile_GivesTheItemsItHad() =>
        Assert.Equal("12", Rendering.Text("{% set l = [1, 2] %}{% for i in l %}{% do l.append(i) %}{{ i }}{% endfor %}"));

    [Fact]
    public void Of_TooLongText_IsAnError() =>
        Assert.Throws<JinjaException>(() => Iteration.Of(Runs.New(new JinjaLimits { MaxListLength = 2 }), JinjaString.Data("abc")));
}
