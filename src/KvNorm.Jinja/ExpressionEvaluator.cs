namespace KvNorm.Jinja;

/// <summary>Evaluates expressions.</summary>
internal sealed class ExpressionEvaluator(JinjaRun run)
{
    public object? Evaluate(Expression node, Scope scope) => Evaluate(node, scope, lenient: false);

    /// <summary>Calls what an expression names.</summary>
    /// <param name="call">The call.</param>
    /// <param name="scope">Its variables.</param>
    /// <param name="caller">What the called macro gets as its function caller, or null.</param>
    public object? Call(Call call, Scope scope, JinjaFunction? caller = null)
    {
        if (call.Callee is Member member)
        {
            object? target = Evaluate(member.Target, scope);
            // A method comes before an item of the same name: the keys of a JSON schema may well be "items".
            return Members.Method(target, member.Id.Text) is { } method
                ? method.Invoke(run, target, Arguments(method.Id, call, scope))
                : Invoke(MemberOf(member, target, lenient: false), member.Id.Text, call, scope, caller);
        }

        return Invoke(Evaluate(call.Callee, scope), (call.Callee as Name)?.Id ?? "a value", call, scope, caller);
    }

    /// <summary>Evaluates an expression.</summary>
    /// <param name="node">The expression.</param>
    /// <param name="scope">Its variables.</param>
    /// <param name="lenient">Whether what is undefined has attributes, undefined ones: where only that is asked.</param>
    private object? Evaluate(Expression node, Scope scope, bool lenient)
    {
        run.Enter();
        run.Charge(1);
        run.Line = node.Line;
        object? value = node switch
        {
            Literal literal => literal.Value,
            Name name => Find(name, scope),
            Member member => MemberOf(member, Evaluate(member.Target, scope, lenient), lenient),
            Subscript subscript => ItemOf(subscript, scope, lenient),
            Call call => Call(call, scope),
            Filter filter => Filtered(filter, scope),
            Test test => Tested(test, scope),
            Comparison comparison => Compared(comparison, scope),
            Logical logical => Joined(logical, scope),
            Binary binary => Combined(binary, scope),
            Unary unary => Signed(unary, Evaluate(unary.Operand, scope)),
            Conditional conditional => Chosen(conditional, scope),
            Slice slice => Sliced(slice, scope),
            Sequence sequence => Listed(sequence, scope),
            Mapping mapping => Mapped(mapping, scope),
            _ => scope.Find(Rendered.Variable),
        };
        run.Leave();
        return value;
    }

    private object? Find(Name name, Scope scope)
    {
        run.ChargeLook(name.Id.Length);
        return scope.Find(name.Id);
    }

    private object? Joined(Logical logical, Scope scope)
    {
        object? left = Evaluate(logical.Left, scope);
        return Truth.Of(left) == logical.IsAnd ? Evaluate(logical.Right, scope) : left;
    }

    private object? MemberOf(Member member, object? target, bool lenient)
    {
        run.Line = member.Line;
        return lenient && target is Undefined ? target : Members.Find(run, target, member.Id);
    }

    private object? ItemOf(Subscript subscript, Scope scope, bool lenient)
    {
        object? target = Evaluate(subscript.Target, scope, lenient);
        object? index = Evaluate(subscript.Index, scope);
        run.Line = subscript.Line;
        return target switch
        {
            Undefined undefined => lenient ? target : throw run.Fail($"{undefined}, so it has no items"),
            JinjaDict dict when dict.TryGet(run, index, out object? value) => value,
            _ => index switch
            {
                JinjaString name => Members.Find(run, target, name),
                long or bool => Slicing.Item(run, target, Numbers.AsLong(index)),
                _ => new Undefined("item"),
            },
        };
    }

    private Arguments Arguments(string function, Call call, Scope scope) => Arguments(function, call.Arguments, scope);

    private Arguments Arguments(string function, Argument[] arguments, Scope scope)
    {
        List<object?> items = new(arguments.Length);
        Dictionary<JinjaString, object?>? named = null;
        foreach (Argument argument in arguments)
        {
            object? value = Evaluate(argument.Value, scope);
            run.ChargeLook(argument.Id?.Length ?? 0);
            if (argument.Spread == 1)
                items.AddRange(Iteration.Of(run, value));
            else if (argument.Spread == 2)
                SpreadNamed(function, value, named ??= []);
            else if (argument.Id is null)
                items.Add(value);
            else if (!(named ??= []).TryAdd(argument.Id, value))
                throw run.Fail($"'{function}' gets the argument '{argument.Id}' twice");
        }

        return new Arguments(run, function, items, named);
    }

    private void SpreadNamed(string function, object? value, Dictionary<JinjaString, object?> named)
    {
        if (value is not JinjaDict dict)
            throw run.Fail($"'{function}' gets {TypeNames.Of(value)} after **, not a mapping");
        foreach (object? item in ContainerMethods.Items(run, dict).Items)
        {
            if (item is not JinjaList { Items: [JinjaString name, var argument] } || !named.TryAdd(name, argument))
                throw run.Fail($"'{function}' gets an argument twice or without a name after **");
            run.ChargeLook(name.Length);
        }
    }

    private object? Invoke(object? callee, string name, Call call, Scope scope, JinjaFunction? caller)
    {
        Arguments arguments = Arguments(name, call, scope);
        arguments.Caller = caller;
        run.Line = call.Line;
        return callee switch
        {
            JinjaFunction function => function.Call(arguments),
            LoopState { Recurse: { } recurse } => recurse(arguments),
            _ => throw run.Fail($"'{name}' is {TypeNames.Of(callee)} and cannot be called"),
        };
    }

    private object? Filtered(Filter filter, Scope scope)
    {
        object? target = Evaluate(filter.Target, scope, lenient: filter.Id is "default" or "d");
        Arguments arguments = Arguments(filter.Id, filter.Arguments, scope);
        run.Line = filter.Line;
        return (filter.Function ?? throw run.Fail($"the filter '{filter.Id}' is not supported")).Invoke(run, target, arguments);
    }

    private bool Tested(Test test, Scope scope)
    {
        object? target = Evaluate(test.Target, scope, lenient: test.Id is "defined" or "undefined");
        Arguments arguments = Arguments(test.Id, test.Arguments, scope);
        run.Line = test.Line;
        Builtin function = test.Function ?? throw run.Fail($"the test '{test.Id}' is not supported");
        return Truth.Of(function.Invoke(run, target, arguments)) != test.Negated;
    }

    private bool Compared(Comparison comparison, Scope scope)
    {
        object? left = Evaluate(comparison.First, scope);
        foreach ((string op, Expression operand) in comparison.Rest)
        {
            object? right = Evaluate(operand, scope);
            run.Line = comparison.Line;
            if (!Holds(op, left, right))
                return false;
            left = right;
        }

        return true;
    }

    private bool Holds(string op, object? left, object? right) => op switch
    {
        "==" => ValueComparison.Equal(run, left, right),
        "!=" => !ValueComparison.Equal(run, left, right),
        "in" => ValueComparison.Contains(run, right, left),
        "not in" => !ValueComparison.Contains(run, right, left),
        "<" => ValueComparison.Compare(run, left, right) < 0,
        "<=" => ValueComparison.Compare(run, left, right) <= 0,
        ">" => ValueComparison.Compare(run, left, right) > 0,
        _ => ValueComparison.Compare(run, left, right) >= 0,
    };

    private object? Combined(Binary binary, Scope scope)
    {
        object? left = Evaluate(binary.Left, scope);
        object? right = Evaluate(binary.Right, scope);
        run.Line = binary.Line;
        return Operators.Apply(run, binary.Operator, left, right);
    }

    private object? Signed(Unary unary, object? operand)
    {
        run.Line = unary.Line;
        return unary.Operator switch
        {
            "not" => !Truth.Of(operand),
            _ when !Numbers.Is(operand) => throw run.Fail($"the sign '{unary.Operator}' does not take {TypeNames.Of(operand)}"),
            "-" => operand is double number ? (object)-number : -Numbers.AsLong(operand),
            _ => operand is double ? operand : Numbers.AsLong(operand),
        };
    }

    private object? Chosen(Conditional conditional, Scope scope)
    {
        if (Truth.Of(Evaluate(conditional.Condition, scope)))
            return Evaluate(conditional.Then, scope);
        return conditional.Otherwise is { } otherwise ? Evaluate(otherwise, scope) : new Undefined("else");
    }

    private object? Sliced(Slice slice, Scope scope)
    {
        object? target = Evaluate(slice.Target, scope);
        long? start = Bound(slice.Start), stop = Bound(slice.Stop), step = Bound(slice.Step);
        run.Line = slice.Line;
        return Slicing.Range(run, target, start, stop, step ?? 1);

        long? Bound(Expression? bound) => (bound is null ? null : Evaluate(bound, scope)) switch
        {
            null => null,
            var number when number is long or bool => Numbers.AsLong(number),
            var other => throw run.Fail($"a slice does not take {TypeNames.Of(other)}"),
        };
    }

    private JinjaList Listed(Sequence sequence, Scope scope)
    {
        List<object?> items = new(sequence.Items.Length);
        foreach (Expression item in sequence.Items)
            items.Add(Evaluate(item, scope));
        return new JinjaList(items, sequence.IsTuple);
    }

    private JinjaDict Mapped(Mapping mapping, Scope scope)
    {
        JinjaDict dict = new();
        foreach ((Expression key, Expression value) in mapping.Items)
            ContainerMethods.Put(run, dict, Evaluate(key, scope), Evaluate(value, scope));
        return dict;
    }
}
