namespace KvNorm.Jinja;

/// <summary>Reads the statements of a template.</summary>
internal sealed class StatementParser
{
    private readonly TokenReader _reader;
    private readonly ExpressionParser _expressions;
    private int _loops;

    private StatementParser(TokenReader reader) => (_reader, _expressions) = (reader, new ExpressionParser(reader));

    public static Statement[] Parse(List<Token> tokens, JinjaLimits limits)
    {
        StatementParser parser = new(new TokenReader(tokens, limits.MaxParseDepth));
        return parser.Body("the template", tokens[0].Line);
    }

    /// <summary>
    /// Reads statements up to a tag with one of some names; its opening is read over, its name is not. Without names: up to the end.
    /// </summary>
    private Statement[] Body(string what, int line, params string[] ends)
    {
        _reader.Enter();
        List<Statement> statements = [];
        while (true)
        {
            Token token = _reader.Take();
            if (token.Kind == TokenKind.End && ends.Length > 0)
                throw JinjaException.At(line, $"{what} has no '{ends[^1]}'");
            if (token.Kind == TokenKind.End || token.Kind == TokenKind.OpenStatement && AtOneOf(ends))
                break;
            statements.Add(One(token));
        }

        _reader.Leave();
        return [.. statements];
    }

    private bool AtOneOf(string[] names) => _reader.Current.Kind == TokenKind.Name && names.Contains(_reader.Current.Text);

    private Statement One(Token token) => token.Kind switch
    {
        TokenKind.Text => new TextOutput(token.Line, JinjaString.Template(token.Text)),
        TokenKind.OpenExpression => Output(token.Line),
        _ => Tag(),
    };

    private ValueOutput Output(int line)
    {
        Expression value = _expressions.ParseTuple();
        _reader.Expect(TokenKind.CloseExpression, "'}}'");
        return new ValueOutput(line, value);
    }

    private Statement Tag()
    {
        Token name = _reader.Expect(TokenKind.Name, "the name of a statement");
        int line = name.Line;
        return name.Text switch
        {
            "if" => IfTag(line),
            "for" => ForTag(line),
            "set" => SetTag(line),
            "macro" => MacroTag(line),
            "call" => CallTag(line),
            "filter" => FilterTag(line),
            "with" => WithTag(line),
            "generation" => new Group(line, Block("generation", line)),
            "do" => Closed(new Do(line, _expressions.ParseTuple())),
            "break" when _loops > 0 => Closed(new Break(line)),
            "continue" when _loops > 0 => Closed(new Continue(line)),
            _ => throw JinjaException.At(line, $"the statement '{name.Text}' is not supported here"),
        };
    }

    private T Closed<T>(T statement)
    {
        _reader.Expect(TokenKind.CloseStatement, "'%}'");
        return statement;
    }

    /// <summary>Reads what follows the inside of an opening tag, up to and over its closing tag.</summary>
    private Statement[] Block(string name, int line)
    {
        Closed(name);
        Statement[] body = Body($"the block '{name}'", line, "end" + name);
        _reader.Take();
        return Closed(body);
    }

    private If IfTag(int line)
    {
        List<(Expression, Statement[])> branches = [];
        Statement[] otherwise = [];
        string next = "if";
        while (next != "endif")
        {
            if (next == "else")
            {
                otherwise = Closed(Body, "the block 'if'", line, "endif");
            }
            else
            {
                Expression condition = _expressions.ParseTuple();
                branches.Add((condition, Closed(Body, "the block 'if'", line, "elif", "else", "endif")));
            }

            next = _reader.Take().Text;
        }

        return Closed(new If(line, [.. branches], otherwise));
    }

    private Statement[] Closed(Func<string, int, string[], Statement[]> body, string what, int line, params string[] ends)
    {
        _reader.Expect(TokenKind.CloseStatement, "'%}'");
        return body(what, line, ends);
    }

    private For ForTag(int line)
    {
        Target target = Targets(line);
        if (!_reader.SkipName("in"))
            throw _reader.Unexpected("'in'");
        Expression items = _expressions.ParseTuple(conditional: false);
        Expression? condition = _reader.SkipName("if") ? _expressions.Parse() : null;
        bool recursive = _reader.SkipName("recursive");
        _loops++;
        Statement[] body = Closed(Body, "the block 'for'", line, "else", "endfor");
        _loops--;
        Statement[] otherwise = [];
        if (_reader.Take().Text == "else")
        {
            otherwise = Closed(Body, "the block 'for'", line, "endfor");
            _reader.Take();
        }

        return Closed(new For(line, target, items, condition, recursive, body, otherwise));
    }

    private Statement SetTag(int line)
    {
        Target target = Targets(line);
        if (_reader.Skip("="))
            return Closed(new Set(line, target, _expressions.ParseTuple()));
        Expression value = _reader.Skip("|") ? _expressions.ParseFilters(new Rendered(line)) : new Rendered(line);
        return new SetBlock(line, target, Isolated("set", line), value);
    }

    private FilterBlock FilterTag(int line)
    {
        Expression value = _expressions.ParseFilters(new Rendered(line));
        return new FilterBlock(line, Isolated("filter", line), value);
    }

    private With WithTag(int line)
    {
        List<(Target, Expression)> variables = [];
        while (_reader.Current.Kind != TokenKind.CloseStatement)
        {
            if (variables.Count > 0)
                _reader.Expect(",");
            Target target = OneTarget();
            _reader.Expect("=");
            variables.Add((target, _expressions.Parse()));
        }

        return new With(line, [.. variables], Block("with", line));
    }

    private MacroDefinition MacroTag(int line)
    {
        string name = _reader.ExpectName("the name of the macro");
        return new MacroDefinition(line, Macro(name, Parameters(), "macro", line));
    }

    private CallBlock CallTag(int line)
    {
        Parameter[] parameters = _reader.Is("(") ? Parameters() : [];
        if (_expressions.Parse() is not Call call)
            throw JinjaException.At(line, "the block 'call' needs a call");
        return new CallBlock(line, call, Macro("caller", parameters, "call", line));
    }

    private Macro Macro(string id, Parameter[] parameters, string block, int line)
    {
        PrimaryParser names = _expressions.Primaries;
        (bool kwargs, bool varargs) = (names.SawKwargs, names.SawVarargs);
        (names.SawKwargs, names.SawVarargs) = (false, false);
        Macro macro = new(id, parameters, Isolated(block, line), names.SawKwargs, names.SawVarargs);
        (names.SawKwargs, names.SawVarargs) = (kwargs || macro.TakesKwargs, varargs || macro.TakesVarargs);
        return macro;
    }

    /// <summary>A block whose output is a value: a loop around it is not left from inside.</summary>
    private Statement[] Isolated(string name, int line)
    {
        (int loops, _loops) = (_loops, 0);
        Statement[] body = Block(name, line);
        _loops = loops;
        return body;
    }

    private Parameter[] Parameters()
    {
        List<Parameter> parameters = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        _reader.Expect("(");
        while (!_reader.Skip(")"))
        {
            if (parameters.Count > 0)
                _reader.Expect(",");
            if (_reader.Is(")"))
                continue;
            string name = _reader.ExpectName("the name of a parameter");
            Expression? value = _reader.Skip("=") ? _expressions.Parse() : null;
            if (!names.Add(name) || value is null && parameters is [.., { Default: not null }])
                throw JinjaException.At(
                    _reader.Current.Line, $"the parameter '{name}' is there twice, or has no default after one that has");
            parameters.Add(new Parameter(name, value));
        }

        return [.. parameters];
    }

    private Target Targets(int line)
    {
        Target first = OneTarget();
        if (!_reader.Is(","))
            return first;
        List<Target> items = [first];
        while (_reader.Skip(",") && (_reader.Current.Kind == TokenKind.Name && !_reader.IsName("in") || _reader.Is("(")))
            items.Add(OneTarget());
        return new TupleTarget(line, [.. items]);
    }

    private Target OneTarget()
    {
        int line = _reader.Current.Line;
        if (_reader.Skip("("))
        {
            _reader.Enter();
            Target inner = Targets(line);
            _reader.Leave();
            _reader.Expect(")");
            return inner;
        }

        string name = _reader.ExpectName("the name of a variable");
        if (name is "true" or "false" or "none" or "True" or "False" or "None" or "in" or "if" or "not" or "and" or "or" or "is")
            throw JinjaException.At(line, $"'{name}' cannot be assigned to");
        return _reader.Skip(".")
            ? new MemberTarget(line, name, _reader.ExpectName("the name of an attribute"))
            : new NameTarget(line, name);
    }
}
