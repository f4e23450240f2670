namespace KvNorm.Jinja.Tests;

public sealed class MembersTests
{
    [Theory]
    [InlineData("{'a': 1}.a", 1L)]
    [InlineData("{'length': 7}.length", 7L)]
    [InlineData("'abc'.length", 3L)]
    [InlineData("[1, 2].length", 2L)]
    [InlineData("namespace(a=5).a", 5L)]
    [InlineData("'a'.upper is callable", true)]
    [InlineData("{}.items is callable", true)]
    [InlineData("{}.length is defined", false)]
    [InlineData("{}.a is defined", false)]
    [InlineData("'a'.a is defined", false)]
    [InlineData("1.5.a is defined", false)]
    [InlineData("none.a is defined", false)]
    [InlineData("namespace().a is defined", false)]
    [InlineData("cycler(1).current", 1L)]
    [InlineData("cycler(1).a is defined", false)]
    public void Find_Name_GivesItemAttributeOrMethod(string expression, object expected) => Assert.Equal(expected, Runs.Value(expression));

    [Fact]
    public void Find_OfTheUndefined_IsAnError() =>
        Assert.Equal("line 1: 'x' is undefined, so it has no 'a'", Assert.Throws<JinjaException>(() => Runs.Value("x.a")).Message);
}
