namespace KvNorm.Jinja.Tests;

public sealed class JinjaLimitsTests
{
    private const int Many = 100_000;

    /// <summary>Bytes; threads of Windows have four times as much, those of musl half.</summary>
    private const int SmallStack = 256 << 10;

    private static readonly JinjaLimits Tight = new() { MaxSteps = 2_000_000, MaxTextLength = 100_000, MaxListLength = 10_000 };

    // More than 999 rounds with a text of 90,000 characters take that look at none of them, and less than those that look at all.
    private static readonly JinjaLimits Tighter = Tight with { MaxSteps = 500_000 };

    public static TheoryData<string, string> Nested => new()
    {
        { "parentheses", "{{ " + Times("(") + "1" + Times(")") + " }}" },
        { "lists", "{{ " + Times("[") + Times("]") + " }}" },
        { "mappings", "{{ " + Times("{1:", 3) + "1" + Times("}", 3) + " }}" },
        { "signs", "{{ " + Times("-") + "1 }}" },
        { "nots", "{{ " + Times("not ") + "1 }}" },
        { "conditionals", "{{ " + Times("1 if 1 else ") + "1 }}" },
        { "subscripts", "{{ " + Times("a[") + "1" + Times("]", 2) + " }}" },
        { "calls", "{{ " + Times("a(") + Times(")", 2) + " }}" },
        { "targets", "{% set " + Times("(") + "a" + Times(")") + " = 1 %}" },
        { "sums", "{{ 1" + Times(" + 1") + " }}" },
        { "joins", "{{ 1" + Times(" ~ 1") + " }}" },
        { "ors", "{{ 0" + Times(" or 0") + " }}" },
        { "attributes", "{{ a" + Times(".a") + " is defined }}" },
        { "filters", "{{ 1" + Times("|string") + " }}" },
        { "tests", "{{ 1" + Times(" is true") + " }}" },
        { "ifs", Times("{% if 1 %}") },
        { "fors", Times("{% for i in [1] %}") },
        { "macros", Times("{% macro m() %}") },
        { "sets", Times("{% set x %}") },
        { "a macro that calls itself", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}" },
        { "macros that call each other", "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}" },
        { "a caller that calls itself", "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}" },
        { "a recursive loop", "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}" },
        { "a list in itself, printed", "{% set l = [] %}{% set _ = l.append(l) %}{{ l }}" },
        {
            "lists in themselves, compared",
            "{% set a = [] %}{% set b = [] %}{% set _ = a.append(b) %}{% set _ = b.append(a) %}{{ a == b }}"
        },
        { "a namespace in itself", "{% set n = namespace() %}{% set n.a = n %}{{ n|tojson }}" },
    };

    [Theory]
    [MemberData(nameof(Nested))]
    public void Render_EndlessNesting_IsRefused(string what, string template)
    {
        (_, JinjaException? error) = Rendering.Try(template);
        Assert.True(error is not null, what);
        Assert.Contains("nests", error.Message, StringComparison.Ordinal);
        Assert.False(error.RaisedByTemplate);
    }

    [Theory]
    [MemberData(nameof(Nested))]
    public void Render_EndlessNestingOnASmallStack_IsRefused(string what, string template)
    {
        JinjaException? error = null;
        Thread thread = new(() => error = Rendering.Try(template).Error, SmallStack);
        thread.Start();
        thread.Join();
        Assert.True(error is not null, what);
    }

    [Theory]
    [InlineData("{{ 'a' * 1000000000 }}")]
    [InlineData("{{ 'a' * 9223372036854775807 }}")]
    [InlineData("{{ [1] * 9223372036854775807 }}")]
    [InlineData("{{ range(1000000000)|list }}")]
    [InlineData("{{ range(-9223372036854775807, 9223372036854775807) }}")]
    [InlineData("{% set s = 'ab' * 10000 %}{{ s|replace('', s) }}")]
    [InlineData("{% set s = 'ab' * 10000 %}{{ s|list|join(s) }}")]
    [InlineData("{{ 'a'|center(1000000000) }}")]
    [InlineData("{{ 'a'.ljust(1000000000) }}")]
    [InlineData("{{ 'a\nb'|indent(1000000000) }}")]
    [InlineData("{{ [1]|tojson(indent=1000000000) }}")]
    [InlineData("{{ '%1000000000d' % 1 }}")]
    [InlineData("{{ '{:1000000000}'.format(1) }}")]
    [InlineData("{% set n = namespace(s='ab') %}{% for i in range(100) %}{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s }}")]
    [InlineData("{% set n = namespace(l=[1]) %}{% for i in range(100) %}{% set n.l = n.l + n.l %}{% endfor %}")]
    [InlineData("{% set n = namespace(l=[1]) %}{% for i in range(100) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}")]
    [InlineData("{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}")]
    [InlineData("{% for i in range(9999) %}{% for j in range(9999) %}{{ 'x' }}{% endfor %}{% endfor %}")]
    [InlineData("{% set s = 'a' * 90000 %}{% for i in range(9999) %}{{ (s ~ 'b') in s }}{{ ('a' * 30000 ~ 'b') in s }}{% endfor %}")]
    [InlineData("{% set s = 'a' * 90000 %}{% for i in range(9999) * 99 %}{% set x = s.strip() == s %}{% endfor %}")]
    [InlineData("{% set a = 'a' * 400000 %}{% set s = 'b' * 400000 ~ 'a' %}{{ a.strip(s)|length }}")]
    [InlineData("{% set l = range(9999)|list %}{% for i in range(9999) %}{{ 'x' in l }}{% endfor %}")]
    [InlineData("{% set l = range(9999)|list %}{{ l|unique|list|length }}")]
    [InlineData("{% set n = namespace(s='') %}{% for i in range(9999) %}{% set n.s = n.s ~ 'aaaaaa' %}{% set x = n.s[1:] %}{% endfor %}")]
    [InlineData("{% for i in range(9999) %}{{ namespace }}{% endfor %}")]
    [InlineData("{{ strftime_now('%A' * 40000)[:1] }}")]
    [InlineData("{{ 9223372036854775807 + 1 }}")]
    [InlineData("{{ 10 ** 100 }}")]
    [InlineData("{{ 99999999999999999999 }}")]
    [InlineData("{{ 1e300|int }}")]
    public void Render_MoreThanALimit_IsRefused(string template) => Assert.NotNull(Rendering.Try(template, limits: Tight).Error);

    [Theory]
    [InlineData("s.removeprefix('a')")]
    [InlineData("s.removeprefix(s)")]
    [InlineData("s.removesuffix('a')")]
    [InlineData("s.startswith(s)")]
    [InlineData("s.startswith((t, s))")]
    [InlineData("s.startswith('a', 1)")]
    [InlineData("s.find('a', 1)")]
    [InlineData("s.endswith(s)")]
    [InlineData("s < t")]
    [InlineData("s in d")]
    [InlineData("d[s]")]
    [InlineData("d.get(s)")]
    [InlineData("d.setdefault(s, 1)")]
    [InlineData("d.pop(t, 1)")]
    [InlineData("{s: 1}")]
    [InlineData("d == e")]
    [InlineData("dict(**d)")]
    [InlineData("namespace(a=1)[s]")]
    [InlineData("[d]|map(attribute=s)|list")]
    [InlineData("s.ljust(1)")]
    [InlineData("s.zfill(1)")]
    [InlineData("s|center(1)")]
    [InlineData("n|int")]
    [InlineData("n|float")]
    [InlineData("f[0] % 1")]
    [InlineData("f[1].format(1)")]
    [InlineData("f[2].format(**d)")]
    public void Render_LongTextLookedAtOverAndOver_IsRefused(string expression)
    {
        const string Texts =
            "{% set s = 'a' * 90000 %}{% set t = s ~ 'b' %}{% set n = '0' * 90000 %}{% set d = {s: 1} %}{% set e = {s: 1} %}"
            + "{% set f = ['%' ~ n ~ 'd', '{:' ~ n ~ '}', '{' ~ s ~ '}'] %}";
        string template = $"{Texts}{{% for i in range(999) %}}{{% set x = {expression} %}}{{% endfor %}}";
        Assert.Contains("steps", Rendering.Try(template, limits: Tighter).Error?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NAME")]
    [InlineData("n.NAME")]
    [InlineData("m(1)")]
    [InlineData("m(NAME=1)")]
    [InlineData("many()")]
    public void Render_LongNameOverAndOver_IsRefused(string expression)
    {
        string parameters = string.Join(", ", Enumerable.Range(0, 1000).Select(i => $"p{i}"));
        string template =
            $"{{% macro m(NAME) %}}{{% endmacro %}}{{% macro many({parameters}) %}}{{% endmacro %}}{{% set n = namespace() %}}"
            + $"{{% for i in range(999) %}}{{% set x = {expression} %}}{{% endfor %}}";
        template = template.Replace("NAME", new string('v', 90_000), StringComparison.Ordinal);
        Assert.Contains("steps", Rendering.Try(template, limits: Tighter).Error?.Message, StringComparison.Ordinal);
    }

    // A filter that calls another for every item gives it all of its arguments each time.
    [Fact]
    public void Render_ManyArgumentsForEveryItem_IsRefused()
    {
        const string Template = "{% set d = dict() %}{% for i in range(1000) %}{% do d.update({'k' ~ i: 0}) %}{% endfor %}"
            + "{% set x = ([[]] * 9999)|map('map', 'first', **d)|list %}";
        Assert.Contains("steps", Rendering.Try(Template, limits: Tight).Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_FilterOfManyNames_IsUnknown() =>
        Assert.NotNull(Rendering.Try("{{ x|a" + string.Concat(Enumerable.Repeat(".a", 200_000)) + " }}").Error);

    [Theory]
    [InlineData("{% set NAME = i %}")]
    [InlineData("{% set n.NAME = i %}")]
    [InlineData("{% macro NAME() %}{% endmacro %}")]
    public void Render_LongNameSetOverAndOver_IsRefused(string statement)
    {
        string template = $"{{% set n = namespace() %}}{{% for i in range(999) %}}{statement}{{% endfor %}}"
            .Replace("NAME", new string('v', 90_000), StringComparison.Ordinal);
        Assert.Contains("steps", Rendering.Try(template, limits: Tighter).Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_TooLongSource_IsRefused() =>
        Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(new string('a', 11), new JinjaLimits { MaxSourceLength = 10 }));

    [Fact]
    public void Render_Cancelled_EndsWithoutAnError()
    {
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        JinjaTemplate template = JinjaTemplate.Parse("{% for i in range(100000) %}{% endfor %}");
        Assert.Throws<OperationCanceledException>(() => template.Render(Rendering.Variables("{}"), cancellationToken: cancelled.Token));
    }

    private static string Times(string part) => Times(part, part.Length);

    private static string Times(string part, int size) => string.Concat(Enumerable.Repeat(part, Many / size));
}
