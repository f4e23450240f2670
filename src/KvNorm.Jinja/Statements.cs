namespace KvNorm.Jinja;

/// <summary>A statement of a template.</summary>
/// <param name="Line">The line it begins on, from 1.</param>
internal abstract record Statement(int Line);

internal sealed record TextOutput(int Line, JinjaString Text) : Statement(Line);

internal sealed record ValueOutput(int Line, Expression Value) : Statement(Line);

/// <summary>An expression whose value is dropped: {% do x %}.</summary>
internal sealed record Do(int Line, Expression Value) : Statement(Line);

internal sealed record If(int Line, (Expression Condition, Statement[] Body)[] Branches, Statement[] Otherwise) : Statement(Line);

internal sealed record For(int Line, Target Target, Expression Items, Expression? Condition, bool IsRecursive, Statement[] Body,
    Statement[] Otherwise) : Statement(Line);

internal sealed record Set(int Line, Target Target, Expression Value) : Statement(Line);

/// <summary>{% set x | filters %} body {% endset %}; the filters are applied to the node <see cref="Rendered"/>.</summary>
internal sealed record SetBlock(int Line, Target Target, Statement[] Body, Expression Value) : Statement(Line);

/// <summary>{% filter filters %} body {% endfilter %}</summary>
internal sealed record FilterBlock(int Line, Statement[] Body, Expression Value) : Statement(Line);

internal sealed record With(int Line, (Target Target, Expression Value)[] Variables, Statement[] Body) : Statement(Line);

internal sealed record MacroDefinition(int Line, Macro Macro) : Statement(Line);

/// <summary>A call of a macro that gets the block as its function caller.</summary>
internal sealed record CallBlock(int Line, Call Call, Macro Caller) : Statement(Line);

/// <summary>Statements in a row without a scope of their own: {% generation %}.</summary>
internal sealed record Group(int Line, Statement[] Body) : Statement(Line);

internal sealed record Break(int Line) : Statement(Line);

internal sealed record Continue(int Line) : Statement(Line);

/// <summary>A macro, or the block of a call.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Body">What it renders.</param>
/// <param name="TakesKwargs">Whether it takes named arguments beyond its parameters.</param>
/// <param name="TakesVarargs">Whether it takes other arguments beyond them.</param>
internal sealed record Macro(string Id, Parameter[] Parameters, Statement[] Body, bool TakesKwargs, bool TakesVarargs);

/// <summary>A parameter of a macro.</summary>
internal sealed record Parameter(string Id, Expression? Default);

/// <summary>The text of a block, where a filter is applied to it.</summary>
internal sealed record Rendered(int Line) : Expression(Line)
{
    /// <summary>The variable that holds the text: no name a template can write.</summary>
    public const string Variable = "";
}

/// <summary>What a value is assigned to.</summary>
internal abstract record Target(int Line);

internal sealed record NameTarget(int Line, string Id) : Target(Line);

/// <summary>An attribute of a namespace.</summary>
internal sealed record MemberTarget(int Line, string Owner, string Id) : Target(Line);

internal sealed record TupleTarget(int Line, Target[] Items) : Target(Line);
