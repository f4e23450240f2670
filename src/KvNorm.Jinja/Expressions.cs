namespace KvNorm.Jinja;

/// <summary>An expression of a template.</summary>
/// <param name="Line">The line it begins on, from 1.</param>
internal abstract record Expression(int Line);

internal sealed record Literal(int Line, object? Value) : Expression(Line);

internal sealed record Name(int Line, string Id) : Expression(Line);

/// <summary>A list or tuple display.</summary>
internal sealed record Sequence(int Line, Expression[] Items, bool IsTuple) : Expression(Line);

internal sealed record Mapping(int Line, (Expression Key, Expression Value)[] Items) : Expression(Line);

/// <summary>x.name</summary>
internal sealed record Member(int Line, Expression Target, JinjaString Id) : Expression(Line);

/// <summary>x[index]</summary>
internal sealed record Subscript(int Line, Expression Target, Expression Index) : Expression(Line);

/// <summary>x[start:stop:step]</summary>
internal sealed record Slice(int Line, Expression Target, Expression? Start, Expression? Stop, Expression? Step) : Expression(Line);

internal sealed record Call(int Line, Expression Callee, Argument[] Arguments) : Expression(Line);

/// <summary>x|name(arguments); without a function, one this interpreter does not know.</summary>
internal sealed record Filter(int Line, Expression Target, string Id, Builtin? Function, Argument[] Arguments) : Expression(Line);

/// <summary>x is name(arguments), or its opposite.</summary>
internal sealed record Test(int Line, Expression Target, string Id, Builtin? Function, Argument[] Arguments, bool Negated)
    : Expression(Line);

/// <summary>One of not, - and +.</summary>
internal sealed record Unary(int Line, string Operator, Expression Operand) : Expression(Line);

/// <summary>Arithmetic and ~.</summary>
internal sealed record Binary(int Line, string Operator, Expression Left, Expression Right) : Expression(Line);

/// <summary>and, or.</summary>
internal sealed record Logical(int Line, bool IsAnd, Expression Left, Expression Right) : Expression(Line);

/// <summary>A chain of comparisons, each with the operand before it: a &lt; b &lt; c is a &lt; b and b &lt; c.</summary>
internal sealed record Comparison(int Line, Expression First, (string Operator, Expression Operand)[] Rest) : Expression(Line);

/// <summary>then if test else otherwise</summary>
internal sealed record Conditional(int Line, Expression Condition, Expression Then, Expression? Otherwise) : Expression(Line);

/// <summary>An argument of a call.</summary>
/// <param name="Id">Its name, if it has one.</param>
/// <param name="Value">Its value.</param>
/// <param name="Spread">0, or the number of stars before it.</param>
internal sealed record Argument(JinjaString? Id, Expression Value, int Spread);
