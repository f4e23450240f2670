namespace KvNorm.Jinja.Tests;

public sealed class OperatorsTests
{
    [Theory]
    [InlineData("'a' ~ 1 ~ none ~ missing ~ true", "a1Nonetrue")]
    [InlineData("'a' + 'b'", "ab")]
    [InlineData("'a' + 1", "a1")]
    [InlineData("1.5 + 'a'", "1.5a")]
    [InlineData("[1] + [2]", "[1, 2]")]
    [InlineData("((1,) + (2,)) == (1, 2)", "true")]
    [InlineData("'ab' * 2", "abab")]
    [InlineData("2 * 'ab'", "abab")]
    [InlineData("'ab' * -1", "")]
    [InlineData("[1] * 3", "[1, 1, 1]")]
    [InlineData("2 * [1]", "[1, 1]")]
    [InlineData("[1] * 0", "[]")]
    [InlineData("'%s+%s' % (1, 2)", "1+2")]
    [InlineData("'%s' % [1, 2]", "[1, 2]")]
    public void Apply_Operands_GiveTheirValue(string expression, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{{{ {expression} }}}}"));

    [Theory]
    [InlineData("'a' + [1]", "the operator '+' does not take text and a list")]
    [InlineData("'a' + none", "the operator '+' does not take text and none")]
    [InlineData("missing + 'a'", "the operator '+' does not take undefined ('missing') and text")]
    [InlineData("'a' - 'b'", "the operator '-' does not take text and text")]
    [InlineData("{} + {}", "the operator '+' does not take a mapping and a mapping")]
    [InlineData("'a' * 1.5", "the operator '*' does not take text and a float")]
    public void Apply_OperandsThatDoNotFit_IsAnError(string expression, string message) =>
        Assert.Equal("line 1: " + message, Rendering.Try($"{{{{ {expression} }}}}").Error?.Message);
}
