namespace KvNorm.Jinja.Tests;

public sealed class LoopMethodsTests
{
    [Theory]
    [InlineData("loop.cycle('x', 'y')", "xyxy")]
    [InlineData("loop.cycle('x')", "xxxx")]
    [InlineData("loop.changed(i) ~ ' '", "true false true true ")]
    [InlineData("loop.changed(i, 1) ~ ' '", "true false true true ")]
    [InlineData("loop.changed() ~ ' '", "true false false false ")]
    public void Call_LoopMethod_GivesItsValue(string expression, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{% for i in 'aaba' %}}{{{{ {expression} }}}}{{% endfor %}}"));

    [Fact]
    public void Call_CycleOfNothing_IsAnError() =>
        Assert.NotNull(Rendering.Try("{% for i in 'a' %}{{ loop.cycle() }}{% endfor %}").Error);
}
