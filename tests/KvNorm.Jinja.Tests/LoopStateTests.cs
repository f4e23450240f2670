namespace KvNorm.Jinja.Tests;

public sealed class LoopStateTests
{
    [Theory]
    [InlineData("index", "123")]
    [InlineData("index0", "012")]
    [InlineData("revindex", "321")]
    [InlineData("revindex0", "210")]
    [InlineData("first", "truefalsefalse")]
    [InlineData("last", "falsefalsetrue")]
    [InlineData("length", "333")]
    [InlineData("depth", "111")]
    [InlineData("depth0", "000")]
    [InlineData("previtem", "ab")]
    [InlineData("nextitem", "bc")]
    [InlineData("previtem is defined", "falsetruetrue")]
    [InlineData("nextitem is defined", "truetruefalse")]
    [InlineData("other is defined", "falsefalsefalse")]
    public void TryGet_Attribute_IsThatOfTheIteration(string attribute, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{% for i in 'abc' %}}{{{{ loop.{attribute} }}}}{{% endfor %}}"));

    [Fact]
    public void TryGet_InNestedLoops_IsThatOfTheInnerOne() =>
        Assert.Equal("1212", Rendering.Text("{% for i in 'ab' %}{% for j in 'cd' %}{{ loop.index }}{% endfor %}{% endfor %}"));

    [Fact]
    public void TryGet_InARecursiveLoop_KnowsItsDepth() =>
        Assert.Equal("12", Rendering.Text("{% for i in [[]] recursive %}{{ loop.depth }}{{ loop([1]) if loop.depth < 2 }}{% endfor %}"));
}
