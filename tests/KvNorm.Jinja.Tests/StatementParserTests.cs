namespace KvNorm.Jinja.Tests;

public sealed class StatementParserTests
{
    [Fact]
    public void Parse_Tags_BecomeStatements()
    {
        Statement[] body = StatementParser.Parse(
            Lexer.Tokenize(
                "a{{ b }}{% if c %}{% endif %}{% for d in e %}{% break %}{% continue %}{% endfor %}{% set f = 1 %}{% set g %}{% endset %}"
                + "{% macro h() %}{% endmacro %}{% call h() %}{% endcall %}{% filter i %}{% endfilter %}{% with %}{% endwith %}"
                + "{% generation %}{% endgeneration %}{% do j %}"),
            JinjaLimits.Default);
        Assert.Equal(
            "TextOutput ValueOutput If For Set SetBlock MacroDefinition CallBlock FilterBlock With Group Do",
            Names(body));
        Assert.Equal("Break Continue", Names(((For)body[3]).Body));
    }

    [Theory]
    [InlineData("kwargs", true, false)]
    [InlineData("varargs", false, true)]
    [InlineData("x", false, false)]
    public void Parse_Macro_KnowsWhichRestItTakes(string name, bool kwargs, bool varargs)
    {
        string template = $"{{% macro m() %}}{{{{ {name} }}}}{{% endmacro %}}{{{{ kwargs }}}}";
        Statement[] body = StatementParser.Parse(Lexer.Tokenize(template), JinjaLimits.Default);
        Macro macro = ((MacroDefinition)body[0]).Macro;
        Assert.Equal((kwargs, varargs), (macro.TakesKwargs, macro.TakesVarargs));
    }

    [Theory]
    [InlineData("{% if a %}", "the block 'if' has no 'endif'")]
    [InlineData("{% if a %}{% else %}", "the block 'if' has no 'endif'")]
    [InlineData("{% for a in b %}", "the block 'for' has no 'endfor'")]
    [InlineData("{% set a %}", "the block 'set' has no 'endset'")]
    [InlineData("{% macro a() %}", "the block 'macro' has no 'endmacro'")]
    [InlineData("{% call a() %}", "the block 'call' has no 'endcall'")]
    [InlineData("{% filter a %}", "the block 'filter' has no 'endfilter'")]
    [InlineData("{% with a = 1 %}", "the block 'with' has no 'endwith'")]
    [InlineData("{% generation %}", "the block 'generation' has no 'endgeneration'")]
    [InlineData("{% if a %}{% endfor %}", "the statement 'endfor' is not supported here")]
    [InlineData("{% else %}", "the statement 'else' is not supported here")]
    [InlineData("{% block a %}", "the statement 'block' is not supported here")]
    [InlineData("{% continue %}", "the statement 'continue' is not supported here")]
    [InlineData("{% for a in b %}{% macro m() %}{% break %}", "the statement 'break' is not supported here")]
    [InlineData("{% for a in b %}{% else %}{% break %}", "the statement 'break' is not supported here")]
    [InlineData("{% for a of b %}", "'in' is expected before 'of'")]
    [InlineData("{% for true in b %}", "'true' cannot be assigned to")]
    [InlineData("{% set none = 1 %}", "'none' cannot be assigned to")]
    [InlineData("{% set 1 = 1 %}", "the name of a variable is expected before '1'")]
    [InlineData("{% set a.b.c = 1 %}", "'%}' is expected before '.'")]
    [InlineData("{% macro 1() %}", "the name of the macro is expected before '1'")]
    [InlineData("{% macro m(a, a) %}", "the parameter 'a' is there twice, or has no default after one that has")]
    [InlineData("{% macro m(a=1, b) %}", "the parameter 'b' is there twice, or has no default after one that has")]
    [InlineData("{% call a %}", "the block 'call' needs a call")]
    [InlineData("{% if a b %}", "'%}' is expected before 'b'")]
    [InlineData("{% %}", "the name of a statement is expected before '%}'")]
    public void Parse_Malformed_NamesIt(string template, string message) =>
        Assert.Equal("line 1: " + message, Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template)).Message);

    private static string Names(Statement[] body) => string.Join(' ', body.Select(statement => statement.GetType().Name));
}
