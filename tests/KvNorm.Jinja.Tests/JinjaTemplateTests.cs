using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using KvNorm.Jinja.Tests.Oracle;

namespace KvNorm.Jinja.Tests;

public sealed class JinjaTemplateTests
{
    private static readonly JinjaLimits Small = new() { MaxSteps = 100_000, MaxTextLength = 100_000, MaxListLength = 10_000 };

    private static readonly string[] Parts =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "{%-", "-%}", "\n", " ", "if", "else", "endif", "for", "in", "endfor",
        "set", "endset", "macro", "endmacro", "call", "endcall", "filter", "x", "messages", "loop", "namespace", "range", "(",
        ")", "[", "]", "{", "}", ",", ".", ":", "|", "=", "==", "~", "*", "**", "//", "%", "'", "\"", "\\", "'a'", "1", "2.5",
        "9999999999", "is", "not", "and", "or", "defined", "trim", "join", "tojson", "format", "replace", "map", "select",
        "split", "items", "raise_exception", "strftime_now", "é", "😀", "\uD800", "{{ x }}", "{% endif %}", "{% if x %}",
        "{% for a in messages %}", "{% endfor %}", "{{ 'a'.", "('%5.1f{:>9}')", "recursive", "break", "continue", "raw",
        "endraw", "with", "generation", "kwargs", "|sort", "|dictsort", "|unique", "|round(1)", "|indent(3)", "|center(9)",
        "|int", "|float", "|batch(2)", "|groupby('role')", "|sum", "|max", "|list", "|first", "|length", "|d(1)", "%d",
        "{:,.3f}", "messages", "tools", "[1, 'a', none, [2], {}]", "{'a': 1}", "[::-1]", "[-1]", "[9:]", "['role']", ".content",
        ".items()", ".pop()", ".update(a=1)", ".format(", ".rsplit(none, 1)",
    ];

    private static readonly Gen<string> Garbage = Gen.Elements(Parts).ListOf().Select(string.Concat);

    [Theory]
    [InlineData("{{ a }}{% if b.c %}{{ 'd' ~ e }}{# f #}{% raw %}{{ g }}{% endraw %}h", "a b e if")]
    [InlineData("{{ '}}' ~ a }}{{ {'b': {'c': d}} }}{% set f = '%}' %}", "a d f set")]
    [InlineData("{% if a", null)]
    public void FindNames_Template_GivesTheNamesOfItsCode(string template, string? names)
    {
        if (names is null)
            Assert.Throws<JinjaException>(() => JinjaTemplate.FindNames(template));
        else
            Assert.Equal(names.Split(' '), JinjaTemplate.FindNames(template).Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("a\nb {{ x|foo }}", 2, "line 2: the filter 'foo' is not supported")]
    [InlineData("{{ 1 is foo }}", 1, "line 1: the test 'foo' is not supported")]
    [InlineData("\n\n{% foo %}", 3, "line 3: the statement 'foo' is not supported here")]
    [InlineData("{% include 'x' %}", 1, "line 1: the statement 'include' is not supported here")]
    [InlineData("{{ foo() }}", 1, "line 1: 'foo' is undefined ('foo') and cannot be called")]
    [InlineData("{{ foo.bar }}", 1, "line 1: 'foo' is undefined, so it has no 'bar'")]
    [InlineData("{{ 'a'.foo() }}", 1, "line 1: 'foo' is undefined ('foo') and cannot be called")]
    [InlineData("{% if x %}\n a", 1, "line 1: the block 'if' has no 'endif'")]
    [InlineData("{{ 1", 1, "line 1: the tag has no '}}'")]
    [InlineData("a\n{# b", 2, "line 2: the comment has no '#}'")]
    [InlineData("{{ 'a }}", 1, "line 1: the string has no end")]
    [InlineData("{{ 1 + }}", 1, "line 1: an expression is expected before '}}'")]
    [InlineData("{{ a b }}", 1, "line 1: '}}' is expected before 'b'")]
    [InlineData("{{ 1 ? 2 }}", 1, "line 1: the character '?' is not expected")]
    [InlineData("{% endif %}", 1, "line 1: the statement 'endif' is not supported here")]
    [InlineData("{% break %}", 1, "line 1: the statement 'break' is not supported here")]
    [InlineData("{% set x.y = 1 %}", 1, "line 1: 'x' is not a namespace, so 'y' cannot be set")]
    [InlineData("{{ 1 +\n 'a' * 'b' }}", 2, "line 2: the operator '*' does not take text and text")]
    [InlineData("{% for a, b in [[1]] %}{% endfor %}", 1, "line 1: 1 items cannot be unpacked into 2")]
    [InlineData("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", 1, "line 1: the macro 'm' does not take 2 arguments")]
    [InlineData("{{ [1, 'a']|sort }}", 1, "line 1: an integer and text have no order")]
    [InlineData("{{ 1 // 0 }}", 1, "line 1: division by zero")]
    [InlineData("{{ '\\xZZ' }}", 1, "line 1: the escape '\\x' needs 2 hexadecimal digits of a character")]
    [InlineData("{{ strftime_now('%Q') }}", 1, "line 1: the code '%Q' of strftime_now is not supported")]
    public void Render_Malformed_NamesTheConstructAndItsLine(string template, int line, string message)
    {
        (_, JinjaException? error) = Rendering.Try(template);
        Assert.Equal(message, error?.Message);
        Assert.Equal(line, error!.Line);
        Assert.False(error.RaisedByTemplate);
    }

    [Fact]
    public void Render_RaiseException_HasTheTemplatesMessage()
    {
        (_, JinjaException? error) = Rendering.Try("\n{{ raise_exception('No ' ~ 1) }}");
        Assert.Equal("No 1", error!.Message);
        Assert.Equal(2, error.Line);
        Assert.True(error.RaisedByTemplate);
    }

    [Property(MaxTest = 1500)]
    public Property Render_Garbage_GivesTextOrTheOneException() => Prop.ForAll(Garbage.ToArbitrary(), Survives);

    [Property(MaxTest = 600)]
    public Property Render_MutatedShape_GivesTextOrTheOneException()
    {
        Gen<string> mutated =
            from template in Gen.Elements(Shapes.Sources.Values)
            from at in Gen.Choose(0, template.Length - 1)
            from length in Gen.Choose(0, Math.Min(20, template.Length - at))
            from part in Gen.Elements(Parts)
            from second in Gen.Choose(0, template.Length - length)
            from other in Gen.Elements(Parts)
            select template.Remove(at, length).Insert(at, part).Insert(second, other);
        return Prop.ForAll(mutated.ToArbitrary(), Survives);
    }

    [Property(MaxTest = 2000)]
    public Property Render_RandomExpression_GivesTextOrTheOneException() =>
        Prop.ForAll(Expression(4).Select(expression => $"{{{{ {expression} }}}}").ToArbitrary(), Survives);

    /// <summary>Every filter, test, method and operator on every type of value.</summary>
    private static Gen<string> Expression(int depth)
    {
        Gen<string> value = Gen.Elements(
            "1", "0", "-1", "9223372036854775807", "2.5", "1e308", "'a'", "' a,b '", "''", "'😀x'", "'%s{}'", "none", "true",
            "[]", "[1, 'a', none]", "['b', 'a']", "{}", "{'a': 1, 2: [3]}", "messages", "messages[1]", "missing", "range",
            "range(3)", "namespace(a=1)", "(1, 2)", "cycler(1)", "joiner()", "tools");
        if (depth == 0)
            return value;
        Gen<string> inner = Expression(depth - 1);
        Gen<string> arguments =
            from items in value.ListOf()
            select string.Join(", ", items.Take(3));
        Gen<string> filtered = Postfixed(FilterTable.ByName.Keys, (x, id, args) => $"({x})|{id}({args})");
        Gen<string> called = Postfixed(
            [.. StringMethods.Table.Keys, .. ContainerMethods.OfLists.Keys, .. ContainerMethods.OfDicts.Keys],
            (x, id, args) => $"({x}).{id}({args})");
        Gen<string> tested = Postfixed(TestTable.ByName.Keys.Where(id => char.IsLetter(id[0])), (x, id, args) => $"({x}) is {id}({args})");
        Gen<string> combined =
            from left in inner
            from op in Gen.Elements("+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", ">=", "in", "not in", "and", "or")
            from right in value
            select $"({left}) {op} ({right})";
        Gen<string> sliced =
            from x in inner
            from a in value
            from b in value
            from c in value
            from shape in Gen.Elements("[{0}]", "[{0}:]", "[:{1}]", "[{0}:{1}]", "[::{2}]", "[{0}:{1}:{2}]")
            select $"({x})" + string.Format(System.Globalization.CultureInfo.InvariantCulture, shape, a, b, c);
        return Gen.OneOf(value, filtered, called, tested, combined, sliced);

        Gen<string> Postfixed(IEnumerable<string> ids, Func<string, string, string, string> shape) =>
            from x in inner
            from id in Gen.Elements(ids)
            from args in arguments
            select shape(x, id, args);
    }

    // Any other exception than JinjaException goes through and fails the test.
    private static bool Survives(string template)
    {
        (string? text, JinjaException? error) = Rendering.Try(template, Conversations.Written["calls and results"], Small);
        return text is not null || error!.Line >= 1 && error.Message.Length > 0;
    }
}
