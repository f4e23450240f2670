namespace KvNorm.Jinja;

/// <summary>
/// Reads expressions by recursive descent, from the loosest operator to the tightest:
/// if else, or, and, not, comparisons, + -, ~, * / // %, **, signs with filters and tests, then calls and attributes.
/// </summary>
internal sealed class ExpressionParser
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];
    private static readonly string[] Sums = ["+", "-"];
    private static readonly string[] Concatenations = ["~"];
    private static readonly string[] Products = ["*", "/", "//", "%"];
    private static readonly string[] Powers = ["**"];

    private readonly TokenReader _reader;

    public ExpressionParser(TokenReader reader) => (_reader, Primaries) = (reader, new PrimaryParser(reader, this));

    /// <summary>Gets what reads names, literals and brackets.</summary>
    public PrimaryParser Primaries { get; }

    /// <summary>Reads an expression.</summary>
    /// <param name="conditional">Whether an `if` after it belongs to it; after `for x in` it does not.</param>
    public Expression Parse(bool conditional = true)
    {
        _reader.Enter();
        Expression value = Or();
        while (conditional && _reader.SkipName("if"))
        {
            Expression condition = Or();
            Expression? otherwise = _reader.SkipName("else") ? Parse() : null;
            value = new Conditional(value.Line, condition, value, otherwise);
        }

        _reader.Leave();
        return value;
    }

    /// <summary>Reads an expression, or a tuple without brackets.</summary>
    public Expression ParseTuple(bool conditional = true)
    {
        Expression first = Parse(conditional);
        if (!_reader.Is(","))
            return first;
        List<Expression> items = [first];
        while (_reader.Skip(",") && !AtTupleEnd())
            items.Add(Parse(conditional));
        return new Sequence(first.Line, [.. items], IsTuple: true);
    }

    /// <summary>Reads filters after a value, the first without its |.</summary>
    public Expression ParseFilters(Expression value)
    {
        value = FilterCall(value);
        while (_reader.Skip("|"))
            value = FilterCall(value);
        return value;
    }

    /// <summary>Reads the arguments of a call, from its opening bracket on.</summary>
    public Argument[] ParseArguments()
    {
        List<Argument> arguments = [];
        bool named = false;
        _reader.Expect("(");
        while (!_reader.Skip(")"))
        {
            if (arguments.Count > 0)
                _reader.Expect(",");
            if (_reader.Is(")"))
                continue;
            arguments.Add(OneArgument(named));
            named |= arguments[^1] is { Id: not null } or { Spread: 2 };
        }

        return [.. arguments];
    }

    private Argument OneArgument(bool afterNamed)
    {
        int stars = _reader.Skip("**") ? 2 : _reader.Skip("*") ? 1 : 0;
        bool named = stars == 0 && _reader.Current.Kind == TokenKind.Name && _reader.Next is { Kind: TokenKind.Operator, Text: "=" };
        if (!named && stars == 0 && afterNamed)
            throw JinjaException.At(_reader.Current.Line, "an argument without a name follows one with a name");
        JinjaString? id = named ? JinjaString.Template(_reader.Take().Text) : null;
        if (named)
            _reader.Expect("=");
        return new Argument(id, Parse(), stars);
    }

    private bool AtTupleEnd() =>
        _reader.Current.Kind is TokenKind.CloseExpression or TokenKind.CloseStatement or TokenKind.End
        || _reader.Is(")") || _reader.Is("=");

    private Expression Or()
    {
        Expression left = And();
        while (_reader.SkipName("or"))
            left = new Logical(left.Line, IsAnd: false, left, And());
        return left;
    }

    private Expression And()
    {
        Expression left = Not();
        while (_reader.SkipName("and"))
            left = new Logical(left.Line, IsAnd: true, left, Not());
        return left;
    }

    private Expression Not()
    {
        int line = _reader.Current.Line;
        if (!_reader.SkipName("not"))
            return Compared();
        _reader.Enter();
        Expression operand = Not();
        _reader.Leave();
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
        if (_reader.SkipName("in"))
            return "in";
        if (_reader.IsName("not") && _reader.Next is { Kind: TokenKind.Name, Text: "in" })
        {
            _reader.Take();
            _reader.Take();
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
        _reader.Current.Kind == TokenKind.Operator && operators.Contains(_reader.Current.Text) ? _reader.Take().Text : null;

    private Expression Signed(bool withFilters)
    {
        Token token = _reader.Current;
        Expression value;
        if (AnyOf(Sums) is { } sign)
        {
            _reader.Enter();
            value = new Unary(token.Line, sign, Signed(withFilters: false));
            _reader.Leave();
        }
        else
        {
            value = Postfixed(Primaries.Parse());
        }

        return withFilters ? FiltersAndTests(value) : value;
    }

    private Expression FiltersAndTests(Expression value)
    {
        while (true)
        {
            if (_reader.Skip("|"))
                value = FilterCall(value);
            else if (_reader.SkipName("is"))
                value = TestCall(value);
            else
                return value;
            value = Postfixed(value);
        }
    }

    private Filter FilterCall(Expression value)
    {
        int line = _reader.Current.Line;
        List<string> names = [_reader.ExpectName("the name of a filter")];
        while (_reader.Skip("."))
            names.Add(_reader.ExpectName("the name of a filter"));
        string id = string.Join('.', names);
        Argument[] arguments = _reader.Is("(") ? ParseArguments() : [];
        return new Filter(line, value, id, FilterTable.ByName.GetValueOrDefault(id), arguments);
    }

    private Test TestCall(Expression value)
    {
        bool negated = _reader.SkipName("not");
        int line = _reader.Current.Line;
        string id = AnyOf(Comparisons) ?? _reader.ExpectName("the name of a test");
        Argument[] arguments = _reader.Is("(") ? ParseArguments()
            : AtBareArgument() ? [new Argument(null, Postfixed(Primaries.Parse()), 0)]
            : [];
        return new Test(line, value, id, TestTable.ByName.GetValueOrDefault(id), arguments, negated);
    }

    /// <summary>Whether the one argument of a test follows without brackets: x is divisibleby 3.</summary>
    private bool AtBareArgument() => _reader.Current.Kind switch
    {
        TokenKind.Name => _reader.Current.Text is not ("else" or "or" or "and" or "is" or "if" or "not" or "in" or "recursive"),
        TokenKind.String or TokenKind.Integer or TokenKind.Float => true,
        _ => _reader.Is("[") || _reader.Is("{"),
    };

    private Expression Postfixed(Expression value)
    {
        while (true)
        {
            int line = _reader.Current.Line;
            if (_reader.Skip("."))
                value = Attribute(line, value);
            else if (_reader.Is("("))
                value = new Call(line, value, ParseArguments());
            else if (_reader.Skip("["))
                value = Subscripted(line, value);
            else
                return value;
        }
    }

    private Expression Attribute(int line, Expression value) => _reader.Current.Kind == TokenKind.Integer
        ? new Subscript(line, value, Primaries.Parse())
        : new Member(line, value, JinjaString.Template(_reader.ExpectName("the name of an attribute")));

    private Expression Subscripted(int line, Expression value)
    {
        Expression? start = _reader.Is(":") ? null : ParseTuple();
        if (start is not null && _reader.Skip("]"))
            return new Subscript(line, value, start);
        _reader.Expect(":");
        Expression? stop = _reader.Is(":") || _reader.Is("]") ? null : Parse();
        Expression? step = _reader.Skip(":") && !_reader.Is("]") ? Parse() : null;
        _reader.Expect("]");
        return new Slice(line, value, start, stop, step);
    }
}
