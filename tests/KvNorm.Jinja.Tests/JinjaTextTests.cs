using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using KvNorm.Jinja.Tests.Oracle;

namespace KvNorm.Jinja.Tests;

public sealed class JinjaTextTests
{
    // Text like that of templates, so that a wrong flag would matter.
    private static readonly Gen<string> Text = Gen
        .Elements("<|im_start|>", "<|im_end|>", "a", "Ü", "😀", " ", "\n", "{{", "'", "</s>", "<think>")
        .ListOf().Select(string.Concat);

    // Marks characters of data by their plane: letters of the template are ASCII, those of data are in the private use area.
    private static readonly Gen<string> Private =
        Gen.Choose(0xE000, 0xE00F).Select(c => ((char)c).ToString()).NonEmptyListOf().Select(string.Concat);

    private static readonly string[] Operands =
    [
        "x", "'lit'", "y", "'<|im_end|>'", "x[1:]", "y|trim", "x.strip('l')", "x.split(y)|join('-')", "(x ~ 'a')|upper",
        "x|replace('l', y)", "'%s' % x", "[x, y]|join(', ')", "x|tojson",
    ];

    private static readonly string[] Filters =
        ["", "|trim", "|reverse", "|title", "[::2]", "|indent(3, true)", "|replace('a', 'b')", "|center(30)", "|list|join"];

    [Fact]
    public void Render_ChatMl_SeparatesMarkersFromData()
    {
        const string template =
            """{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content | trim + '<|im_end|>' }}{% endfor %}""";
        IReadOnlyList<JinjaText> pieces = Rendering.Pieces(template, """{"messages":[{"role":"user","content":" <|im_end|> "}]}""");
        Assert.Equal(
            [new("<|im_start|>", true), new("user", false), new("\n", true), new("<|im_end|>", false), new("<|im_end|>", true)],
            pieces);
    }

    [Theory]
    [InlineData("{{ x }}", "«ab,c»")]
    [InlineData("{{ 'k' ~ x ~ 'l' }}", "k«ab,c»l")]
    [InlineData("{{ ('k' + x + 'l')[1:3] }}", "«ab»")]
    [InlineData("{{ ('k' + x + 'l')[::-1] }}", "l«c,ba»k")]
    [InlineData("{{ ('  k' + x + 'l  ')|trim }}", "k«ab,c»l")]
    [InlineData("{{ ('k' + x).strip('ka') }}", "«b,c»")]
    [InlineData("{{ x.replace(',', '-') }}", "«ab»-«c»")]
    [InlineData("{{ 'k,l'|replace(',', x) }}", "k«ab,c»l")]
    [InlineData("{{ (x ~ ',z').split(',')|join('+') }}", "«ab»+«c»+z")]
    [InlineData("{{ [x, 'k']|join('-') }}", "«ab,c»-k")]
    [InlineData("{{ ['k', 'l']|join(x) }}", "k«ab,c»l")]
    [InlineData("{{ ('k' + x)|upper }}", "K«AB,C»")]
    [InlineData("{{ ('k' + x)|title }}", "K«ab,c»")]
    [InlineData("{{ x|capitalize }}", "«Ab,c»")]
    [InlineData("{{ 'k{}l'.format(x) }}", "k«ab,c»l")]
    [InlineData("{{ 'k%sl' % x }}", "k«ab,c»l")]
    [InlineData("{{ x|tojson }}", "«\"ab,c\"»")]
    [InlineData("{{ {'k': x}|tojson }}", "«{\"k\": \"ab,c\"}»")]
    [InlineData("{{ [x] }}", "«[\"ab,c\"]»")]
    [InlineData("{{ x|string|list|last }}", "«c»")]
    [InlineData("{{ x|string|first ~ 'k' }}", "«a»k")]
    [InlineData("{% set y %}k{{ x }}l{% endset %}{{ y }}", "k«ab,c»l")]
    [InlineData("{% macro m(a) %}<{{ a }}>{{ caller() }}{% endmacro %}{% call m(x) %}k{{ x }}{% endcall %}", "<«ab,c»>k«ab,c»")]
    [InlineData("{% filter upper %}k{{ x }}{% endfilter %}", "K«AB,C»")]
    [InlineData("{% set ns = namespace(v='') %}{% set ns.v = ns.v + x + 'k' %}{{ ns.v }}", "«ab,c»k")]
    [InlineData("{% for k, v in {'k': x}.items() %}{{ k }}{{ v }}{% endfor %}", "k«ab,c»")]
    [InlineData("{% for k in obj %}{{ k }}{% endfor %}", "«key»")]
    [InlineData("{{ obj.key }}{{ obj['key'] }}", "«vv»")]
    [InlineData("{{ 'a\\nb'|indent(x) }}", "a\n«ab,c»b")]
    [InlineData("{{ x|indent(2, true) }}", "  «ab,c»")]
    [InlineData("{{ x * 2 }}", "«ab,cab,c»")]
    [InlineData("{{ x|escape }}{{ '<'|escape }}", "«ab,c»&lt;")]
    [InlineData("{{ x|center(7) }}", "  «ab,c» ")]
    [InlineData("{{ x.partition(',')|join('|') }}", "«ab»|«,»|«c»")]
    [InlineData("{{ missing|default(x) }}", "«ab,c»")]
    [InlineData("{{ [obj]|map(attribute='key')|join }}{{ [x]|map('upper')|join('k') }}", "«vAB,C»")]
    [InlineData("{{ bos_token ~ x }}", "<s>«ab,c»")]
    [InlineData("{{ n }}{{ true }}", "7true")]
    [InlineData("{% for k in dict(k=1, **obj) %}{{ k }}{% endfor %}", "k«key»")]
    [InlineData("{% set d = {} %}{% do d.update(k=1, **obj) %}{% for k in d %}{{ k }}{% endfor %}", "k«key»")]
    [InlineData("{% macro m() %}{{ kwargs.keys()|join }}{% endmacro %}{{ m(k=1, **obj) }}", "k«key»")]
    [InlineData("{{ '{k}{key}'.format(k=x, **obj) }}", "«ab,cv»")]
    [InlineData("{{ strftime_now(x) }}{{ strftime_now('k%%') }}{{ strftime_now('k' ~ x) }}", "«ab,c»k%k«ab,c»")]
    [InlineData("{{ strftime_now('%Y%%-%' ~ x) }}", "2026%-«Satb,c»")]
    [InlineData("{{ ('{:' ~ x[0] ~ '^4}{:k>2}').format('l', 'm') }}", "«a»l«aa»km")]
    [InlineData("{{ '{:😀^3}'.format('k') }}", "😀k😀")]
    public void Render_Operation_KeepsWhoWroteWhat(string template, string expected)
    {
        IReadOnlyList<JinjaText> pieces = Rendering.Pieces(template, """{"x":"ab,c","obj":{"key":"v"},"n":7,"bos_token":"<s>"}""");
        Assert.Equal(expected, string.Concat(pieces.Select(piece => piece.FromTemplate ? piece.Text : $"«{piece.Text}»")));
    }

    [Theory]
    [MemberData(nameof(Shapes.Names), MemberType = typeof(Shapes))]
    public void Render_Shape_FlagsAllDataAsData(string name) => FlagsAllData(name, Shapes.Sources[name]);

    [RealTemplatesTheory]
    [MemberData(nameof(RealTemplates.Names), MemberType = typeof(RealTemplates))]
    public void Render_RealTemplate_FlagsAllDataAsData(string name) => FlagsAllData(name, RealTemplates.Sources.Value[name]);

    [Property(MaxTest = 200)]
    public Property Operations_OnMixedText_NeverPromoteData()
    {
        Gen<string> template =
            from pieces in Gen.Elements(Operands).NonEmptyListOf()
            from filter in Gen.Elements(Filters)
            select $"{{{{ ({string.Join(" ~ ", pieces)}){filter} }}}}";
        Gen<(string Template, string X, string Y)> cases =
            from source in template
            from x in Private
            from y in Private
            select (source, x, y);
        return Prop.ForAll(cases.ToArbitrary(), item =>
        {
            Dictionary<string, object?> variables = new(StringComparer.Ordinal) { ["x"] = item.X, ["y"] = item.Y };
            IReadOnlyList<JinjaText> pieces = JinjaTemplate.Parse(item.Template).Render(variables);
            return pieces.All(piece => !piece.FromTemplate || !piece.Text.Any(IsPrivate))
                && pieces.Zip(pieces.Skip(1)).All(pair => pair.First.FromTemplate != pair.Second.FromTemplate)
                && pieces.All(piece => piece.Text.Length > 0);
        });
    }

    [Property(MaxTest = 100)]
    public Property Render_ContentThatLooksLikeMarkers_StaysOneDataPiece() =>
        Prop.ForAll(Text.Where(text => text.Length > 0).ToArbitrary(), content =>
        {
            string variables = JsonSerializer.Serialize(new { c = content });
            IReadOnlyList<JinjaText> pieces = Rendering.Pieces("<|im_start|>{{ c }}<|im_end|>", variables);
            return pieces.SequenceEqual([new("<|im_start|>", true), new(content, false), new("<|im_end|>", true)]);
        });

    private static void FlagsAllData(string name, string source)
    {
        foreach ((string conversation, string variables) in Conversations.Written)
        {
            Dictionary<string, object?> marked = Rendering.Variables(variables);
            marked["messages"] = Mark((JsonElement)marked["messages"]!);
            if (marked.TryGetValue("tools", out object? tools))
                marked["tools"] = Mark((JsonElement)tools!);
            IReadOnlyList<JinjaText> pieces;
            try
            {
                pieces = JinjaTemplate.Parse(source).Render(marked);
            }
            catch (JinjaException)
            {
                continue;
            }

            JinjaText promoted = pieces.FirstOrDefault(piece => piece.FromTemplate && piece.Text.Any(IsPrivate));
            Assert.True(promoted == default, $"{name}, {conversation}: {promoted.Text}");
            // Some templates know of no parts, and leave such a message out.
            bool hasData = pieces.Any(piece => !piece.FromTemplate && piece.Text.Any(IsPrivate));
            Assert.True(conversation == "parts" || hasData, $"{name}, {conversation}: no data");
        }
    }

    private static bool IsPrivate(char c) => c is >= '\uE000' and <= '\uF8FF';

    /// <summary>Puts a private character into every string that a template does not look into.</summary>
    private static object? Mark(JsonElement element, string property = "") => element.ValueKind switch
    {
        JsonValueKind.Object =>
            element.EnumerateObject().ToDictionary(item => item.Name, item => Mark(item.Value, item.Name), StringComparer.Ordinal),
        JsonValueKind.Array => element.EnumerateArray().Select(item => Mark(item, property)).ToList(),
        JsonValueKind.String when property is "content" or "text" or "description" or "city" or "reasoning_content" =>
            element.GetString()!.Replace(" ", "\uE001 \uE002", StringComparison.Ordinal) + "\uE003",
        JsonValueKind.String => element.GetString(),
        _ => element.Clone(),
    };
}
