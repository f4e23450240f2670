namespace KvNorm.Jinja.Tests;

public sealed class StatementEvaluatorTests
{
    [Theory]
    [InlineData("{% for i in [1, 2, 3] %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "1")]
    [InlineData("{% for i in [1, 2, 3] %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}", "13")]
    [InlineData("{% for i in 'ab' %}{% for j in 'ab' %}{% if j == 'b' %}{% break %}{% endif %}{{ i ~ j }}{% endfor %}{% endfor %}", "aaba")]
    [InlineData("{% for i in [] %}a{% else %}b{% endfor %}", "b")]
    [InlineData("{% for i in [1] if i > 1 %}a{% else %}b{% endfor %}", "b")]
    [InlineData("{% for i in [1, 2, 3] if i != 2 %}{{ i }}{{ loop.length }}{% endfor %}", "1232")]
    [InlineData("{% for a, (b, c) in [(1, (2, 3))] %}{{ a + b + c }}{% endfor %}", "6")]
    [InlineData("{% for i in [1, [2, [3]]] recursive %}{{ i if i is number else loop(i) }}{% endfor %}", "123")]
    public void Run_Loop_GoesThroughItsItems(string template, string expected) => Assert.Equal(expected, Rendering.Text(template));

    [Theory]
    [InlineData("{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}", "2")]
    [InlineData("{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}", "1")]
    [InlineData("{% for i in [1, 2] %}{{ x is defined }}{% set x = 1 %}{% endfor %}", "falsefalse")]
    [InlineData("{% for i in [1] %}{% endfor %}{{ i is defined }}{{ loop is defined }}", "falsefalse")]
    [InlineData("{% with x = 1, y = 2 %}{{ x + y }}{% endwith %}{{ x is defined }}", "3false")]
    [InlineData("{% set x = 1 %}{% with x = 2, y = x %}{{ x }}{{ y }}{% endwith %}{{ x }}", "211")]
    [InlineData("{% generation %}{% set x = 1 %}{% endgeneration %}{{ x }}", "1")]
    [InlineData("{% set x %}{% set y = 1 %}a{% endset %}{{ x }}{{ y is defined }}", "afalse")]
    [InlineData("{% set n = namespace(x=1) %}{% for i in [2, 3] %}{% set n.x = n.x + i %}{% endfor %}{{ n.x }}", "6")]
    [InlineData("{% set x = 1 %}{% macro m() %}{{ x }}{% set x = 2 %}{% endmacro %}{{ m() }}{{ m() }}{{ x }}", "111")]
    public void Run_Assignment_HoldsInItsBlock(string template, string expected) => Assert.Equal(expected, Rendering.Text(template));

    [Theory]
    [InlineData("{% macro m(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(b=4, a=5) }}", "121354")]
    [InlineData("{% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(7) }}", "7")]
    [InlineData("{% macro m(a) %}{{ a is defined }}{% endmacro %}{{ m() }}", "false")]
    [InlineData("{% macro m() %}{{ varargs|join(',') }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}", """1,2{"x": 3}""")]
    [InlineData("{% macro m(t) %}<{{ t }}>{{ caller(1) }}{% endmacro %}{% call(x) m('a') %}{{ x + 1 }}{% endcall %}", "<a>2")]
    [InlineData("{% macro m() %}a{% endmacro %}{% set x = m() %}{{ x|length }}", "1")]
    public void Run_Macro_GetsItsArguments(string template, string expected) => Assert.Equal(expected, Rendering.Text(template));

    [Theory]
    [InlineData("{% set x | upper | replace('A', 'o') %}ba{% endset %}{{ x }}", "Bo")]
    [InlineData("{% filter upper|trim %} a {% endfilter %}", "A")]
    [InlineData("{% set a, b = 1, 2 %}{{ a }}{{ b }}", "12")]
    [InlineData("{% set (a, b) = 'xy' %}{{ b }}{{ a }}", "yx")]
    [InlineData("{% set l = [] %}{% do l.append(1) %}{{ l }}", "[1]")]
    [InlineData("{% if missing %}a{% elif 0 %}b{% elif 'x' %}c{% else %}d{% endif %}", "c")]
    public void Run_Block_GivesItsText(string template, string expected) => Assert.Equal(expected, Rendering.Text(template));

    [Theory]
    [InlineData("{% set a, b = 1 %}", "an integer has no items to go through")]
    [InlineData("{% set a, b = missing %}", "'missing' is undefined and cannot be unpacked")]
    [InlineData("{% set a, b = [1] %}", "1 items cannot be unpacked into 2")]
    [InlineData("{% set x.y = 1 %}", "'x' is not a namespace, so 'y' cannot be set")]
    [InlineData("{% macro m() %}{% endmacro %}{{ m(1) }}", "the macro 'm' does not take 1 arguments")]
    [InlineData("{% macro m() %}{% endmacro %}{{ m(x=1) }}", "the macro 'm' does not take the argument 'x'")]
    [InlineData("{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}", "'caller' is undefined ('caller') and cannot be called")]
    [InlineData("{% for i in 5 %}{% endfor %}", "an integer has no items to go through")]
    public void Run_WhatCannotBe_IsAnError(string template, string message) =>
        Assert.Equal("line 1: " + message, Rendering.Try(template).Error?.Message);
}
