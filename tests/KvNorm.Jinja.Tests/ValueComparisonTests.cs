namespace KvNorm.Jinja.Tests;

public sealed class ValueComparisonTests
{
    [Theory]
    [InlineData("1", "1.0", true)]
    [InlineData("1", "true", true)]
    [InlineData("0", "none", false)]
    [InlineData("'1'", "1", false)]
    [InlineData("'a'", "'a'", true)]
    [InlineData("[1, 'a']", "[1, 'a']", true)]
    [InlineData("[1]", "[1, 2]", false)]
    [InlineData("[1]", "(1,)", false)]
    [InlineData("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", true)]
    [InlineData("{'a': 1}", "{'a': 2}", false)]
    [InlineData("{'a': 1}", "{'b': 1}", false)]
    [InlineData("none", "none", true)]
    [InlineData("missing", "other", true)]
    [InlineData("missing", "none", false)]
    [InlineData("range", "range", true)]
    [InlineData("9007199254740993", "9007199254740992", false)]
    public void Equal_Values_AreAsInPython(string left, string right, bool expected)
    {
        Assert.Equal(expected, Runs.Value($"{left} == {right}"));
        Assert.Equal(!expected, Runs.Value($"{left} != {right}"));
    }

    [Theory]
    [InlineData("1", "2")]
    [InlineData("1", "1.5")]
    [InlineData("false", "true")]
    [InlineData("'B'", "'a'")]
    [InlineData("'a'", "'ab'")]
    [InlineData("[1, 2]", "[1, 3]")]
    [InlineData("[1]", "[1, 0]")]
    public void Compare_Values_AreOrdered(string smaller, string larger)
    {
        Assert.Equal(true, Runs.Value($"{smaller} < {larger}"));
        Assert.Equal(true, Runs.Value($"{smaller} <= {larger}"));
        Assert.Equal(true, Runs.Value($"{larger} > {smaller}"));
        Assert.Equal(false, Runs.Value($"{smaller} >= {larger}"));
        Assert.Equal(true, Runs.Value($"{smaller} <= {smaller} >= {smaller}"));
    }

    [Theory]
    [InlineData("'b' in 'abc'", true)]
    [InlineData("'' in 'abc'", true)]
    [InlineData("1.0 in [1]", true)]
    [InlineData("[1] in [[1]]", true)]
    [InlineData("'a' in {'a': 1}", true)]
    [InlineData("[] in {'a': 1}", false)]
    [InlineData("1 in missing", false)]
    [InlineData("2 not in [1]", true)]
    public void Contains_Item_IsFound(string expression, bool expected) => Assert.Equal(expected, Runs.Value(expression));

    [Theory]
    [InlineData("1 < 'a'", "an integer and text have no order")]
    [InlineData("none < none", "none and none have no order")]
    [InlineData("{} < {}", "a mapping and a mapping have no order")]
    [InlineData("[1] < ['a']", "an integer and text have no order")]
    [InlineData("1 in 'a'", "an integer cannot be in text")]
    [InlineData("1 in none", "an integer cannot be in none")]
    public void Compare_WhatHasNoOrder_IsAnError(string expression, string message) =>
        Assert.Equal("line 1: " + message, Rendering.Try($"{{{{ {expression} }}}}").Error?.Message);
}
