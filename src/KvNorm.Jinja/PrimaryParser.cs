using System.Globalization;

namespace KvNorm.Jinja;

/// <summary>Reads what expressions are made of: names, literals, and lists, mappings and tuples in brackets.</summary>
internal sealed class PrimaryParser(TokenReader reader, ExpressionParser expressions)
{
    /// <summary>
    /// Gets or sets whether the name kwargs was read: then the macro around it takes named arguments beyond its parameters.
    /// </summary>
    public bool SawKwargs { get; set; }

    /// <summary>Gets or sets whether the name varargs was read, likewise.</summary>
    public bool SawVarargs { get; set; }

    public Expression Parse()
    {
        Token token = reader.Take();
        return token.Kind switch
        {
            TokenKind.Name => Named(token),
            TokenKind.String => new Literal(token.Line, JinjaString.Template(Joined(token.Text))),
            TokenKind.Integer => new Literal(token.Line, Number<long>(token)),
            TokenKind.Float => new Literal(token.Line, Number<double>(token)),
            TokenKind.Operator when token.Text == "(" => Bracketed(token.Line),
            TokenKind.Operator when token.Text == "[" => List(token.Line),
            TokenKind.Operator when token.Text == "{" => Dict(token.Line),
            _ => throw JinjaException.At(token.Line, $"an expression is expected before {token}"),
        };
    }

    private Expression Named(Token token)
    {
        SawKwargs |= token.Text == "kwargs";
        SawVarargs |= token.Text == "varargs";
        return token.Text switch
        {
            "true" or "True" => new Literal(token.Line, true),
            "false" or "False" => new Literal(token.Line, false),
            "none" or "None" => new Literal(token.Line, null),
            _ => new Name(token.Line, token.Text),
        };
    }

    /// <summary>Strings side by side are one.</summary>
    private string Joined(string first)
    {
        List<string> parts = [first];
        while (reader.Current.Kind == TokenKind.String)
            parts.Add(reader.Take().Text);
        return string.Concat(parts);
    }

    private static object Number<T>(Token token)
        where T : struct, ISpanParsable<T> =>
        T.TryParse(token.Text, CultureInfo.InvariantCulture, out T number)
            ? number
            : throw JinjaException.At(token.Line, $"the number {token} is too large");

    private Expression Bracketed(int line)
    {
        if (reader.Skip(")"))
            return new Sequence(line, [], IsTuple: true);
        Expression value = expressions.ParseTuple();
        reader.Expect(")");
        return value;
    }

    private Sequence List(int line)
    {
        List<Expression> items = [];
        while (!reader.Skip("]"))
        {
            if (items.Count > 0)
                reader.Expect(",");
            if (!reader.Is("]"))
                items.Add(expressions.Parse());
        }

        return new Sequence(line, [.. items], IsTuple: false);
    }

    private Mapping Dict(int line)
    {
        List<(Expression, Expression)> items = [];
        while (!reader.Skip("}"))
        {
            if (items.Count > 0)
                reader.Expect(",");
            if (reader.Is("}"))
                continue;
            Expression key = expressions.Parse();
            reader.Expect(":");
            items.Add((key, expressions.Parse()));
        }

        return new Mapping(line, [.. items]);
    }
}
