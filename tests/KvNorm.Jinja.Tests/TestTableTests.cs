namespace KvNorm.Jinja.Tests;

public sealed class TestTableTests
{
    [Theory]
    [InlineData("boolean", "true")]
    [InlineData("integer", "1")]
    [InlineData("float", "1.5")]
    [InlineData("number", "true 1 1.5")]
    [InlineData("string", "'a'")]
    [InlineData("mapping", "{}")]
    [InlineData("sequence", "'a' [] {}")]
    [InlineData("iterable", "'a' [] {}")]
    [InlineData("callable", "range")]
    [InlineData("none", "none")]
    [InlineData("undefined", "missing")]
    [InlineData("defined", "true 1 1.5 'a' {} [] none range")]
    [InlineData("true", "true")]
    public void Apply_TypeTest_HoldsForItsValuesAlone(string test, string values)
    {
        foreach (string value in new[] { "true", "1", "1.5", "'a'", "{}", "[]", "none", "range", "missing" })
            Assert.True(values.Split(' ').Contains(value) == (bool)Runs.Value($"{value} is {test}")!, value);
    }

    [Theory]
    [InlineData("3 is odd")]
    [InlineData("-3 is odd")]
    [InlineData("4 is even")]
    [InlineData("0 is even")]
    [InlineData("9 is divisibleby 3")]
    [InlineData("false is false")]
    [InlineData("0 is not false")]
    [InlineData("'ab' is lower")]
    [InlineData("'AB' is upper")]
    [InlineData("'Ab' is not lower")]
    [InlineData("1 is in [1, 2]")]
    [InlineData("none is sameas none")]
    [InlineData("true is sameas true")]
    [InlineData("1 is sameas 1")]
    [InlineData("'a' is sameas 'a'")]
    [InlineData("1 is not sameas 1.0")]
    [InlineData("1 is not sameas true")]
    [InlineData("none is not sameas false")]
    [InlineData("[] is not sameas []")]
    [InlineData("'upper' is filter")]
    [InlineData("'nothing' is not filter")]
    [InlineData("'odd' is test")]
    [InlineData("1 is eq 1")]
    [InlineData("1 is equalto 1.0")]
    [InlineData("1 is ne 2")]
    [InlineData("1 is lt 2")]
    [InlineData("1 is lessthan 2")]
    [InlineData("2 is le 2")]
    [InlineData("2 is gt 1")]
    [InlineData("2 is greaterthan 1")]
    [InlineData("2 is ge 2")]
    [InlineData("1 is != 2")]
    [InlineData("1 is <= 1")]
    [InlineData("2 is >= 1")]
    public void Apply_Test_Holds(string expression) => Assert.Equal(true, Runs.Value(expression));

    [Theory]
    [InlineData("'a' is odd", "text cannot be divided by 2")]
    [InlineData("1 is divisibleby 0", "an integer cannot be divided by 0")]
    [InlineData("1 is lt 'a'", "an integer and text have no order")]
    [InlineData("1 is in 1", "an integer cannot be in an integer")]
    public void Apply_ToWhatItDoesNotTake_IsAnError(string expression, string message) =>
        Assert.Equal("line 1: " + message, Rendering.Try($"{{{{ {expression} }}}}").Error?.Message);
}
