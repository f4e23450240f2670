namespace KvNorm.Jinja.Tests;

public sealed class TypeNamesTests
{
    [Theory]
    [InlineData("none", "none")]
    [InlineData("missing", "undefined ('missing')")]
    [InlineData("true", "a boolean")]
    [InlineData("1", "an integer")]
    [InlineData("1.0", "a float")]
    [InlineData("'a'", "text")]
    [InlineData("(1, 2)", "a list")]
    [InlineData("{}", "a mapping")]
    [InlineData("namespace()", "a namespace")]
    [InlineData("range", "a function")]
    public void Of_Value_IsForMessages(string expression, string expected) => Assert.Equal(expected, TypeNames.Of(Runs.Value(expression)));

    [Fact]
    public void Of_Loop_IsForMessages() => Assert.Equal("a loop", TypeNames.Of(new LoopState([], 0, null)));
}
