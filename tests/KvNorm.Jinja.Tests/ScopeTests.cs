namespace KvNorm.Jinja.Tests;

public sealed class ScopeTests
{
    [Fact]
    public void Find_Name_IsThatOfTheInnermostScope()
    {
        Scope outer = new(null), inner = new(outer);
        outer.Set("a", 1L);
        outer.Set("b", 2L);
        inner.Set("a", 3L);
        Assert.Equal(3L, inner.Find("a"));
        Assert.Equal(2L, inner.Find("b"));
        Assert.Equal(1L, outer.Find("a"));
    }

    [Fact]
    public void Find_NoneAndNothing_Differ()
    {
        Scope scope = new(null);
        scope.Set("a", null);
        Assert.Null(scope.Find("a"));
        Assert.Equal(new Undefined("b"), scope.Find("b"));
    }
}
