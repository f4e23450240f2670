namespace KvNorm.Jinja.Tests;

public sealed class ContainerMethodsTests
{
    [Theory]
    [InlineData("append(4)", "[1, 2, 3, 4]")]
    [InlineData("insert(0, 9)", "[9, 1, 2, 3]")]
    [InlineData("insert(99, 9)", "[1, 2, 3, 9]")]
    [InlineData("extend('ab')", """[1, 2, 3, "a", "b"]""")]
    [InlineData("extend(l)", "[1, 2, 3, 1, 2, 3]")]
    [InlineData("pop()", "[1, 2]")]
    [InlineData("pop(0)", "[2, 3]")]
    [InlineData("pop(-3)", "[2, 3]")]
    [InlineData("reverse()", "[3, 2, 1]")]
    public void Call_ListMethod_ChangesTheList(string call, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{% set l = [1, 2, 3] %}}{{% do l.{call} %}}{{{{ l }}}}"));

    [Theory]
    [InlineData("[1, 2, 3].pop(1)", "2")]
    [InlineData("[1, 2, 1].count(1)", "2")]
    [InlineData("[1, 'a'].index('a')", "1")]
    [InlineData("[1].append(2)", "")]
    public void Call_ListMethod_GivesItsValue(string call, string expected) => Assert.Equal(expected, Rendering.Text($"{{{{ {call} }}}}"));

    [Theory]
    [InlineData("update({'b': 2})", """{"a": 1, "b": 2}""")]
    [InlineData("update(b=2)", """{"a": 1, "b": 2}""")]
    [InlineData("update([('b', 2), ('a', 3)])", """{"a": 3, "b": 2}""")]
    [InlineData("pop('a')", "{}")]
    [InlineData("setdefault('a', 9)", """{"a": 1}""")]
    [InlineData("setdefault('b', 9)", """{"a": 1, "b": 9}""")]
    [InlineData("setdefault('b')", """{"a": 1, "b": null}""")]
    [InlineData("copy().update(a=2)", """{"a": 1}""")]
    public void Call_DictMethod_ChangesTheMapping(string call, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{% set d = {{'a': 1}} %}}{{% do d.{call} %}}{{{{ d }}}}"));

    [Theory]
    [InlineData("get('a')", "1")]
    [InlineData("get('b')", "")]
    [InlineData("get('b', 2)", "2")]
    [InlineData("get([])", "")]
    [InlineData("items()|list", """[["a", 1]]""")]
    [InlineData("keys()|list", """["a"]""")]
    [InlineData("values()|list", "[1]")]
    [InlineData("pop('a')", "1")]
    [InlineData("pop('b', 2)", "2")]
    [InlineData("setdefault('a', 9)", "1")]
    public void Call_DictMethod_GivesItsValue(string call, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{{{ {{'a': 1}}.{call} }}}}"));

    [Theory]
    [InlineData("[].pop()", "'pop' takes an item that is not there")]
    [InlineData("[1].pop(1)", "'pop' takes an item that is not there")]
    [InlineData("[1].index(2)", "the item of 'index' is not there")]
    [InlineData("{}.pop('a')", "'pop' takes a key that is not there")]
    [InlineData("{}.update([1])", "a mapping is made of another or of pairs")]
    [InlineData("{}.setdefault([], 1)", "a list cannot be a key")]
    public void Call_WithoutTheItem_IsAnError(string call, string message) =>
        Assert.Contains(message, Rendering.Try($"{{{{ {call} }}}}").Error?.Message, StringComparison.Ordinal);
}
