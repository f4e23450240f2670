using FsCheck.Xunit;

namespace KvNorm.Jinja.Tests;

public sealed class NumbersTests
{
    [Theory]
    [InlineData("7 // 2", 3L)]
    [InlineData("-7 // 2", -4L)]
    [InlineData("7 // -2", -4L)]
    [InlineData("-7 // -2", 3L)]
    [InlineData("7 % 3", 1L)]
    [InlineData("-7 % 3", 2L)]
    [InlineData("7 % -3", -2L)]
    [InlineData("6 / 3", 2.0)]
    [InlineData("7.5 // 2", 3.0)]
    [InlineData("-7.5 % 2", 0.5)]
    [InlineData("2 ** 10", 1024L)]
    [InlineData("2 ** 0", 1L)]
    [InlineData("2 ** -1", 0.5)]
    [InlineData("2.0 ** 3", 8.0)]
    [InlineData("true + true", 2L)]
    [InlineData("1 + 0.5", 1.5)]
    [InlineData("3 - 5", -2L)]
    [InlineData("3 * true", 3L)]
    [InlineData("0 ** 0", 1L)]
    public void Apply_Operator_IsAsInPython(string expression, object expected) => Assert.Equal(expected, Runs.Value(expression));

    [Theory]
    [InlineData("1 / 0")]
    [InlineData("1 // 0")]
    [InlineData("1 % 0")]
    [InlineData("1.5 / 0.0")]
    [InlineData("0 ** -1")]
    [InlineData("9223372036854775807 + 1")]
    [InlineData("9223372036854775807 * 2")]
    [InlineData("10 ** 19")]
    [InlineData("(-9223372036854775807 - 1) // -1")]
    public void Apply_WhatHasNoResult_IsAnError(string expression) => Assert.NotNull(Rendering.Try($"{{{{ {expression} }}}}").Error);

    [Property]
    public bool Apply_QuotientAndRemainder_GiveTheNumberBack(long a, int b)
    {
        if (b == 0)
            return true;
        JinjaRun run = Runs.New();
        long quotient = (long)Numbers.Apply(run, "//", a, (long)b), remainder = (long)Numbers.Apply(run, "%", a, (long)b);
        return quotient * b + remainder == a && Math.Abs(remainder) < Math.Abs((long)b) && (remainder == 0 || remainder > 0 == b > 0);
    }
}
