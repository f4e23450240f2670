namespace KvNorm.Jinja.Tests;

public sealed class GlobalsTests
{
    [Theory]
    [InlineData("{{ range(3)|list }}", "[0, 1, 2]")]
    [InlineData("{{ range(1, 4)|list }}", "[1, 2, 3]")]
    [InlineData("{{ range(5, 0, -2)|list }}", "[5, 3, 1]")]
    [InlineData("{{ range(3, 1)|list }}", "[]")]
    [InlineData("{{ range(true)|list }}", "[0]")]
    [InlineData("{{ dict(a=1) }}", """{"a": 1}""")]
    [InlineData("{{ dict([('a', 1)], b=2) }}", """{"a": 1, "b": 2}""")]
    [InlineData("{% set n = namespace({'a': 1}, b=2) %}{{ n.a + n.b }}", "3")]
    [InlineData("{% set c = cycler(1, 2) %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.next() }}", "1211")]
    [InlineData("{% set c = cycler(1, 2) %}{{ c.next() }}{% do c.reset() %}{{ c.next() }}", "11")]
    [InlineData("{% set j = joiner('-') %}{{ j() }}a{{ j() }}b{{ j() }}c", "a-b-c")]
    [InlineData("{% set j = joiner() %}{{ j() }}{{ j() }}", ", ")]
    [InlineData("{{ strftime_now('%Y') }}", "2026")]
    public void Call_Function_GivesItsValue(string template, string expected) => Assert.Equal(expected, Rendering.Text(template));

    [Theory]
    [InlineData("{{ range() }}", "'range' takes one to three integers")]
    [InlineData("{{ range(1.5) }}", "'range' does not take a float")]
    [InlineData("{{ range(1, 2, 0) }}", "the step of 'range' is 0")]
    [InlineData("{{ cycler() }}", "'cycler' needs items")]
    [InlineData("{{ dict(1) }}", "an integer has no items to go through")]
    [InlineData("{{ strftime_now(1) }}", "'strftime_now' needs text as argument 1, not an integer")]
    public void Call_WithWhatItDoesNotTake_IsAnError(string template, string message) =>
        Assert.Equal("line 1: " + message, Rendering.Try(template).Error?.Message);

    [Theory]
    [InlineData("{{ raise_exception('no') }}", "no")]
    [InlineData("{{ raise_exception(5) }}", "5")]
    [InlineData("{{ raise_exception() }}", "None")]
    public void Call_RaiseException_RaisesItsMessage(string template, string message)
    {
        JinjaException? error = Rendering.Try(template).Error;
        Assert.Equal((message, true), (error?.Message, error?.RaisedByTemplate));
    }
}
