namespace KvNorm.Jinja.Tests;

public sealed class ArgumentsTests
{
    [Theory]
    [InlineData("{{ 'aaa'|replace('a', 'b') }}", "bbb")]
    [InlineData("{{ 'aaa'|replace('a', 'b', 2) }}", "bba")]
    [InlineData("{{ 'aaa'|replace('a', 'b', count=1) }}", "baa")]
    [InlineData("{{ 'aaa'|replace(new='b', old='a') }}", "bbb")]
    [InlineData("{{ 'aaa'|replace(*['a', 'b']) }}", "bbb")]
    [InlineData("{{ 'aaa'|replace('a', **{'new': 'b'}) }}", "bbb")]
    [InlineData("{{ 'aaa'|replace('a', 'b', true) }}", "baa")]
    [InlineData("{{ 'a b'.split(none) }}", """["a", "b"]""")]
    public void Bind_Arguments_StandWhereTheirParametersAre(string template, string expected) =>
        Assert.Equal(expected, Rendering.Text(template));

    [Theory]
    [InlineData("{{ 'a'|upper(1) }}", "'upper' takes at most 0 arguments, not 1")]
    [InlineData("{{ 'a'|replace('a') }}", "'replace' needs an argument more")]
    [InlineData("{{ 'a'|replace('a', old='b') }}", "'replace' does not take the argument 'old', or takes it once")]
    [InlineData("{{ 'a'|replace('a', 'b', foo=1) }}", "'replace' does not take the argument 'foo', or takes it once")]
    [InlineData("{{ 'a'|replace(1, 'b') }}", "'replace' needs text as argument 1, not an integer")]
    [InlineData("{{ 'a'|replace('a', 'b', 'c') }}", "'replace' needs an integer as argument 3, not text")]
    [InlineData("{{ 'a'|replace(x='b', x='c') }}", "'replace' gets the argument 'x' twice")]
    [InlineData("{{ 'a'|replace(**[1]) }}", "'replace' gets a list after **, not a mapping")]
    [InlineData("{{ 'a'|replace(**{1: 2}) }}", "'replace' gets an argument twice or without a name after **")]
    public void Bind_ArgumentsThatDoNotFit_AreNamed(string template, string message) =>
        Assert.Equal("line 1: " + message, Rendering.Try(template).Error?.Message);

    // A number beyond 32 bits is as good as the largest one.
    [Theory]
    [InlineData(long.MaxValue, int.MaxValue)]
    [InlineData(long.MinValue, int.MinValue)]
    [InlineData(7L, 7)]
    public void Integer_OfALong_IsClamped(long value, int expected) =>
        Assert.Equal(expected, new Arguments(Runs.New(), "f", [value]).Integer(0, 0));
}
