namespace KvNorm.Jinja.Tests;

public sealed class ListFiltersTests
{
    private const string Variables = """
        {"people": [
            {"name": "B", "age": 2, "at": [{"x": 1}]},
            {"name": "a", "age": 3, "at": [{"x": 2}]},
            {"name": "C", "age": 2, "admin": true}
        ]}
        """;

    [Theory]
    [InlineData("'ab'|list", """["a", "b"]""")]
    [InlineData("[]|first is defined", "false")]
    [InlineData("[]|last is defined", "false")]
    [InlineData("{'a': 1}|first", "a")]
    [InlineData("'abc'|reverse", "cba")]
    [InlineData("[1, 2]|reverse|list", "[2, 1]")]
    [InlineData("[1, 'a', true]|join('-')", "1-a-true")]
    [InlineData("people|join(', ', attribute='name')", "B, a, C")]
    [InlineData("['b', 'A', 'c']|sort", """["A", "b", "c"]""")]
    [InlineData("['b', 'A', 'a']|sort(case_sensitive=true)", """["A", "a", "b"]""")]
    [InlineData("[1, 3, 2]|sort(true)", "[3, 2, 1]")]
    [InlineData("people|sort(attribute='age')|map(attribute='name')|join", "BCa")]
    [InlineData("people|sort(attribute='age', reverse=true)|map(attribute='name')|join", "aBC")]
    [InlineData("[2, 1, 2, 1.0]|unique|list", "[2, 1]")]
    [InlineData("['a', 'A']|unique(true)|list", """["a", "A"]""")]
    [InlineData("people|unique(attribute='age')|map(attribute='name')|join", "Ba")]
    [InlineData("missing|items|list", "[]")]
    [InlineData("{'b': 1, 'A': 2}|dictsort", """[["A", 2], ["b", 1]]""")]
    [InlineData("{'b': 1, 'A': 2}|dictsort(by='value')", """[["b", 1], ["A", 2]]""")]
    [InlineData("{'b': 1, 'A': 2}|dictsort(reverse=true)", """[["b", 1], ["A", 2]]""")]
    [InlineData("people|map(attribute='at.0.x', default=0)|list", "[1, 2, 0]")]
    [InlineData("['a b']|map('replace', ' ', '_')|list", """["a_b"]""")]
    [InlineData("['1', 'x']|map('int', default=9)|list", "[1, 9]")]
    [InlineData("none|map('upper')|list", "[]")]
    [InlineData("[0, 1, '']|select|list", "[1]")]
    [InlineData("[1, 2, 3]|select('gt', 1)|list", "[2, 3]")]
    [InlineData("[1, 2, 3]|reject('odd')|list", "[2]")]
    [InlineData("people|selectattr('admin')|map(attribute='name')|join", "C")]
    [InlineData("people|selectattr('age', 'equalto', 2)|map(attribute='name')|join", "BC")]
    [InlineData("people|rejectattr('admin', 'defined')|map(attribute='name')|join", "Ba")]
    [InlineData("[1, 2.5]|sum", "3.5")]
    [InlineData("people|sum(attribute='age', start=10)", "17")]
    [InlineData("['b', 'A']|min", "A")]
    [InlineData("[1, 3, 2]|max", "3")]
    [InlineData("[]|max is defined", "false")]
    [InlineData("[1, 2, 3]|batch(2, 0)|list", "[[1, 2], [3, 0]]")]
    [InlineData("people|groupby('age')|map('first')|list", "[2, 3]")]
    [InlineData("people|groupby('age')|map('last')|map('length')|list", "[2, 1]")]
    public void Apply_Filter_GivesItsValue(string expression, string expected) =>
        Assert.Equal(expected, Rendering.Text($"{{{{ {expression} }}}}", Variables));

    [Theory]
    [InlineData("[1, 'a']|sort", "an integer and text have no order")]
    [InlineData("[1]|items", "the filter 'items' does not take a list")]
    [InlineData("{}|dictsort(by='x')", "the filter 'dictsort' does not take a mapping by 'x'")]
    [InlineData("[1]|map('nothing')", "the filter 'nothing' is not supported")]
    [InlineData("[1]|select('nothing')", "the test 'nothing' is not supported")]
    [InlineData("[1]|selectattr", "'selectattr' needs an argument more")]
    [InlineData("1|list", "an integer has no items to go through")]
    public void Apply_ToWhatItDoesNotTake_IsAnError(string expression, string message) =>
        Assert.Equal("line 1: " + message, Rendering.Try($"{{{{ {expression} }}}}", Variables).Error?.Message);
}
