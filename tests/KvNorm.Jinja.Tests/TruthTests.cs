namespace KvNorm.Jinja.Tests;

public sealed class TruthTests
{
    [Theory]
    [InlineData("true")]
    [InlineData("1")]
    [InlineData("-0.5")]
    [InlineData("' '")]
    [InlineData("[0]")]
    [InlineData("{'a': 0}")]
    [InlineData("range")]
    [InlineData("namespace()")]
    public void Of_Something_IsTrue(string expression) => Assert.True(Truth.Of(Runs.Value(expression)));

    [Theory]
    [InlineData("false")]
    [InlineData("none")]
    [InlineData("missing")]
    [InlineData("0")]
    [InlineData("0.0")]
    [InlineData("''")]
    [InlineData("[]")]
    [InlineData("()")]
    [InlineData("{}")]
    public void Of_Nothing_IsFalse(string expression) => Assert.False(Truth.Of(Runs.Value(expression)));
}
