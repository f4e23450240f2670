namespace KvNorm.Jinja;

/// <summary>Kinds of tokens.</summary>
internal enum TokenKind
{
    Text,
    OpenStatement,
    CloseStatement,
    OpenExpression,
    CloseExpression,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>A token of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; of a string, what it stands for.</param>
/// <param name="Line">The line it begins on, from 1.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.Text => "text",
        TokenKind.OpenStatement => "'{%'",
        TokenKind.CloseStatement => "'%}'",
        TokenKind.OpenExpression => "'{{'",
        TokenKind.CloseExpression => "'}}'",
        TokenKind.String => $"the string '{(Text.Length > 40 ? Text[..40] + "…" : Text)}'",
        _ => $"'{(Text.Length > 40 ? Text[..40] + "…" : Text)}'",
    };
}
