using System.Globalization;

namespace KvNorm.Jinja;

/// <summary>
/// Reads expressions by recursive descent, from the loosest operator to the tightest:
/// if else, or, and, not, comparisons, + -, ~, * / // %, **, signs with filters and tests, then calls and attributes.
/// </summary>
internal sealed class ExpressionParser(TokenReader reader)
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];
    private static readonly string[] Sums = ["+", "-"];
    private static readonly string[] Concatenations = ["~"];
    private static readonly string[] Products = ["*", "/", "//", "%"];
    private static readonly string[] Powers = ["**"];

    /// <summary>Gets or sets whether the name kwargs was read: then the macro around it takes named arguments beyond its parameters.</summary>
    public bool SawKwargs { get; set; }

    /// <summary>Gets or sets whether the name varargs was read, likewise.</summary>
    public bool SawVarargs { get; set; }

    /// <summary>Reads an expression.</summary>
    /// <param name="conditional">Whether an `if` after it belongs to it; behind `for x in` it does not.</param>
    public Expression Parse(bool conditional = true)
    {
        reader.Enter();
        Expression value = Or();
        while (conditional && reader.SkipName("if"))
        {
            Expression condition = Or();
            Expression? otherwise = reader.SkipName("else") ? Parse() : null;
            value = new Conditional(value.Line, condition, value, otherwise);
        }

        reader.Leave();
        return value;
    }

    /// <summary>Reads an expression, or a tuple without brackets.</summary>
    public Expression ParseTuple(bool conditional = true)
    {
        Expression first = Parse(conditional);
        if (!reader.Is(","))
            return first;
        List<Expression> items = [first];
        while (reader.Skip(",") && !AtTupleEnd())
            items.Add(Parse(conditional));
        return new Sequence(first.Line, [.. items], IsTuple: true);
    }

    /// <summary>Reads filters behind a value, the first without its |.</summary>
    public Expression ParseFilters(Expression value)
    {
        value = FilterCall(value);
        while (reader.Skip("|"))
            value = FilterCall(value);
        return value;
    }

    /// <summary>Reads the arguments of a call, from its opening bracket on.</summary>
    public Argument[] ParseArguments()
    {
        List<Argument> arguments = [];
        bool named = false;
        reader.Expect("(");
        while (!reader.Skip(")"))
        {
            if (arguments.Count > 0)
                reader.Expect(",");
            if (reader.Is(")"))
                continue;
            arguments.Add(OneArgument(named));
            named |= arguments[^1] is { Id: not null } or { Spread: 2 };
        }

        return [.. arguments];
    }

    private Argument OneArgument(bool afterNamed)
    {
        int stars = reader.Skip("**") ? 2 : reader.Skip("*") ? 1 : 0;
        bool named = stars == 0 && reader.Current.Kind == TokenKind.Name && reader.Next is { Kind: TokenKind.Operator, Text: "=" };
        if (!named && stars == 0 && afterNamed)
            throw ChatTemplateException.At(reader.Current.Line, "an argument without a name stands behind one with a name");
        string? id = named ? reader.Take().Text : null;
        if (named)
            reader.Expect("=");
        return new Argument(id, Parse(), stars);
    }

    private bool AtTupleEnd() =>
        reader.Current.Kind is TokenKind.CloseExpression or TokenKind.CloseStatement or TokenKind.End || reader.Is(")") || reader.Is("=");

    private Expression Or()
    {
        Expression left = And();
        while (reader.SkipName("or"))
            left = new Logical(left.Line, IsAnd: false, left, And());
        return left;
    }

    private Expression And()
    {
        Expression left = Not();
        while (reader.SkipName("and"))
            left = new Logical(left.Line, IsAnd: true, left, Not());
        return left;
    }

    private Expression Not()
    {
        int line = reader.Current.Line;
        if (!reader.SkipName("not"))
            return Compared();
        reader.Enter();
        Expression operand = Not();
        reader.Leave();
        return new Unary(line, "not", operand);
    }

    private Expression Compared()
    {
        Expression first = Sum();
        List<(string, Expression)> rest = [];
        while (ComparisonOperator() is { } op)
            rest.Add((op, Sum()));
        return rest.Count == 0 ? first : new Comparison(first.Line, first, [.. rest]);
    }

    private string? ComparisonOperator()
    {
        if (reader.SkipName("in"))
            return "in";
        if (reader.IsName("not") && reader.Next is { Kind: TokenKind.Name, Text: "in" })
        {
            reader.Take();
            reader.Take();
            return "not in";
        }

        return AnyOf(Comparisons);
    }

    private Expression Sum() => LeftToRight(Sums, Concatenation);

    private Expression Concatenation() => LeftToRight(Concatenations, Product);

    private Expression Product() => LeftToRight(Products, Power);

    private Expression Power() => LeftToRight(Powers, () => Signed(withFilters: true));

    private Expression LeftToRight(string[] operators, Func<Expression> operand)
    {
        Expression left = operand();
        while (AnyOf(operators) is { } op)
            left = new Binary(left.Line, op, left, operand());
        return left;
    }

    private string? AnyOf(string[] operators) =>
        reader.Current.Kind == TokenKind.Operator && operators.Contains(reader.Current.Text) ? reader.Take().Text : null;

    private Expression Signed(bool withFilters)
    {
        Token token = reader.Current;
        Expression value;
        if (AnyOf(Sums) is { } sign)
        {
            reader.Enter();
            value = new Unary(token.Line, sign, Signed(withFilters: false));
            reader.Leave();
        }
        else
        {
            value = Postfixed(Primary());
        }

        return withFilters ? FiltersAndTests(value) : value;
    }

    private Expression FiltersAndTests(Expression value)
    {
        while (true)
        {
            if (reader.Skip("|"))
                value = FilterCall(value);
            else if (reader.SkipName("is"))
                value = TestCall(value);
            else
                return value;
            value = Postfixed(value);
        }
    }

    private Filter FilterCall(Expression value)
    {
        int line = reader.Current.Line;
        string id = reader.ExpectName("the name of a filter");
        while (reader.Skip("."))
            id += "." + reader.ExpectName("the name of a filter");
        Argument[] arguments = reader.Is("(") ? ParseArguments() : [];
        return new Filter(line, value, id, Filters.Table.GetValueOrDefault(id), arguments);
    }

    private Test TestCall(Expression value)
    {
        bool negated = reader.SkipName("not");
        int line = reader.Current.Line;
        string id = AnyOf(Comparisons) ?? reader.ExpectName("the name of a test");
        Argument[] arguments = reader.Is("(") ? ParseArguments() : AtBareArgument() ? [new Argument(null, Postfixed(Primary()), 0)] : [];
        return new Test(line, value, id, Tests.Table.GetValueOrDefault(id), arguments, negated);
    }

    /// <summary>Whether the one argument of a test follows without brackets: x is divisibleby 3.</summary>
    private bool AtBareArgument() => reader.Current.Kind switch
    {
        TokenKind.Name => reader.Current.Text is not ("else" or "or" or "and" or "is" or "if" or "not" or "in" or "recursive"),
        TokenKind.String or TokenKind.Integer or TokenKind.Float => true,
        _ => reader.Is("[") || reader.Is("{"),
    };

    private Expression Postfixed(Expression value)
    {
        while (true)
        {
            int line = reader.Current.Line;
            if (reader.Skip("."))
                value = Attribute(line, value);
            else if (reader.Is("("))
                value = new Call(line, value, ParseArguments());
            else if (reader.Skip("["))
                value = Subscripted(line, value);
            else
                return value;
        }
    }

    private Expression Attribute(int line, Expression value) => reader.Current.Kind == TokenKind.Integer
        ? new Subscript(line, value, Primary())
        : new Member(line, value, JinjaString.Template(reader.ExpectName("the name of an attribute")));

    private Expression Subscripted(int line, Expression value)
    {
        Expression? start = reader.Is(":") ? null : ParseTuple();
        if (start is not null && reader.Skip("]"))
            return new Subscript(line, value, start);
        reader.Expect(":");
        Expression? stop = reader.Is(":") || reader.Is("]") ? null : Parse();
        Expression? step = reader.Skip(":") && !reader.Is("]") ? Parse() : null;
        reader.Expect("]");
        return new Slice(line, value, start, stop, step);
    }

    private Expression Primary()
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
            _ => throw ChatTemplateException.At(token.Line, $"an expression is expected before {token}"),
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
            : throw ChatTemplateException.At(token.Line, $"the number {token} is too large");

    private Expression Bracketed(int line)
    {
        if (reader.Skip(")"))
            return new Sequence(line, [], IsTuple: true);
        Expression value = ParseTuple();
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
                items.Add(Parse());
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
            Expression key = Parse();
            reader.Expect(":");
            items.Add((key, Parse()));
        }

        return new Mapping(line, [.. items]);
    }
}
