namespace KvNorm.Jinja;

/// <summary>Runs statements.</summary>
internal sealed class StatementEvaluator(JinjaRun run)
{
    private readonly ExpressionEvaluator _expressions = new(run);

    /// <summary>How a statement ends: with the next one, or by leaving the loop or its iteration.</summary>
    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    public void Run(Statement[] body, Scope scope, JinjaStringBuilder output) => Body(body, scope, output);

    private Flow Body(Statement[] body, Scope scope, JinjaStringBuilder output)
    {
        run.Enter();
        Flow flow = Flow.Next;
        for (int i = 0; i < body.Length && flow == Flow.Next; i++)
        {
            run.Charge(1);
            run.Line = body[i].Line;
            flow = One(body[i], scope, output);
        }

        run.Leave();
        return flow;
    }

    private Flow One(Statement statement, Scope scope, JinjaStringBuilder output)
    {
        switch (statement)
        {
            case TextOutput text:
                output.Append(text.Text);
                return Flow.Next;
            case ValueOutput value:
                ValueText.Print(run, output, _expressions.Evaluate(value.Value, scope));
                return Flow.Next;
            case If branches:
                return Branch(branches, scope, output);
            case For loop:
                return Loop(loop, scope, output);
            case With with:
                return Within(with, scope, output);
            case Group group:
                return Body(group.Body, scope, output);
            case Break:
                return Flow.Break;
            case Continue:
                return Flow.Continue;
            default:
                Define(statement, scope, output);
                return Flow.Next;
        }
    }

    private void Define(Statement statement, Scope scope, JinjaStringBuilder output)
    {
        switch (statement)
        {
            case Set set:
                Assign(set.Target, _expressions.Evaluate(set.Value, scope), scope);
                break;
            case SetBlock block:
                Assign(block.Target, _expressions.Evaluate(block.Value, WithText(block.Body, scope)), scope);
                break;
            case FilterBlock block:
                ValueText.Print(run, output, _expressions.Evaluate(block.Value, WithText(block.Body, scope)));
                break;
            case MacroDefinition definition:
                Set(definition.Macro.Id, Function(definition.Macro, scope), scope);
                break;
            case CallBlock block:
                ValueText.Print(run, output, _expressions.Call(block.Call, scope, Function(block.Caller, scope)));
                break;
            case Do nothing:
                _expressions.Evaluate(nothing.Value, scope);
                break;
        }
    }

    private Flow Branch(If statement, Scope scope, JinjaStringBuilder output)
    {
        foreach ((Expression condition, Statement[] body) in statement.Branches)
        {
            if (Truth.Of(_expressions.Evaluate(condition, scope)))
                return Body(body, scope, output);
        }

        return Body(statement.Otherwise, scope, output);
    }

    private Flow Within(With with, Scope scope, JinjaStringBuilder output)
    {
        Scope inner = new(scope);
        foreach ((Target target, Expression value) in with.Variables)
            Assign(target, _expressions.Evaluate(value, scope), inner);
        return Body(with.Body, inner, output);
    }

    private Flow Loop(For loop, Scope scope, JinjaStringBuilder output) =>
        Iterate(loop, _expressions.Evaluate(loop.Items, scope), scope, output, 0);

    private Flow Iterate(For loop, object? source, Scope scope, JinjaStringBuilder output, int depth)
    {
        List<object?> items = Selected(loop, Iteration.Of(run, source), scope);
        if (items.Count == 0)
            return Body(loop.Otherwise, scope, output);
        LoopState state = new(items, depth, loop.IsRecursive ? arguments => Recursed(loop, arguments, scope, depth) : null);
        for (; state.Index < items.Count; state.Index++)
        {
            Scope iteration = new(scope);
            iteration.Set("loop", state);
            Assign(loop.Target, items[state.Index], iteration);
            if (Body(loop.Body, iteration, output) == Flow.Break)
                break;
        }

        return Flow.Next;
    }

    private List<object?> Selected(For loop, List<object?> items, Scope scope)
    {
        if (loop.Condition is not { } condition)
            return items;
        List<object?> selected = [];
        foreach (object? item in items)
        {
            Scope inner = new(scope);
            Assign(loop.Target, item, inner);
            if (Truth.Of(_expressions.Evaluate(condition, inner)))
                selected.Add(item);
        }

        return selected;
    }

    private JinjaString Recursed(For loop, Arguments arguments, Scope scope, int depth)
    {
        JinjaStringBuilder output = new(run);
        run.Enter();
        Iterate(loop, arguments.Required(0), scope, output, depth + 1);
        run.Leave();
        return output.ToJinjaString();
    }

    private void Assign(Target target, object? value, Scope scope)
    {
        run.Line = target.Line;
        switch (target)
        {
            case NameTarget name:
                Set(name.Id, value, scope);
                break;
            case MemberTarget member:
                if (scope.Find(member.Owner) is not JinjaNamespace names)
                    throw run.Fail($"'{member.Owner}' is not a namespace, so '{member.Id}' cannot be set");
                run.ChargeLook(member.Owner.Length + member.Id.Length);
                names.Attributes[member.Id] = value;
                break;
            case TupleTarget tuple:
                List<object?> items = value is Undefined ? throw run.Fail($"{value} and cannot be unpacked") : Iteration.Of(run, value);
                if (items.Count != tuple.Items.Length)
                    throw run.Fail($"{items.Count} items cannot be unpacked into {tuple.Items.Length}");
                for (int i = 0; i < items.Count; i++)
                    Assign(tuple.Items[i], items[i], scope);
                break;
        }
    }

    private void Set(string name, object? value, Scope scope)
    {
        run.ChargeLook(name.Length);
        scope.Set(name, value);
    }

    /// <summary>A scope that knows the text of a block as <see cref="Rendered"/>.</summary>
    private Scope WithText(Statement[] body, Scope scope)
    {
        Scope inner = new(scope);
        JinjaStringBuilder text = new(run);
        Body(body, new Scope(scope), text);
        inner.Set(Rendered.Variable, text.ToJinjaString());
        return inner;
    }

    private JinjaFunction Function(Macro macro, Scope scope) => new(macro.Id, arguments =>
    {
        run.Enter();
        JinjaStringBuilder output = new(run);
        Body(macro.Body, Bound(macro, arguments, scope), output);
        run.Leave();
        return output.ToJinjaString();
    });

    private Scope Bound(Macro macro, Arguments arguments, Scope scope)
    {
        Scope inner = new(scope);
        Dictionary<JinjaString, object?> named = new(arguments.Named);
        for (int i = 0; i < macro.Parameters.Length; i++)
        {
            (string id, Expression? otherwise) = macro.Parameters[i];
            run.Charge(1);
            if (i < arguments.Count)
                Set(id, arguments.Items[i], inner);
            else if (named.Remove(JinjaString.Template(id), out object? value))
                Set(id, value, inner);
            else
                Set(id, otherwise is null ? new Undefined(id) : _expressions.Evaluate(otherwise, inner), inner);
        }

        if (named.Count > 0 && !macro.TakesKwargs || arguments.Count > macro.Parameters.Length && !macro.TakesVarargs)
            throw run.Fail($"the macro '{macro.Id}' does not take "
                + (named.Count > 0 ? $"the argument '{named.Keys.First()}'" : $"{arguments.Count} arguments"));
        SetRest(macro, arguments, named, inner);
        return inner;
    }

    private void SetRest(Macro macro, Arguments arguments, Dictionary<JinjaString, object?> named, Scope inner)
    {
        if (arguments.Caller is { } caller)
            inner.Set("caller", caller);
        if (macro.TakesVarargs)
            inner.Set("varargs", new JinjaList([.. arguments.Items.Skip(macro.Parameters.Length)], isTuple: true));
        if (!macro.TakesKwargs)
            return;
        JinjaDict rest = new();
        foreach ((JinjaString name, object? value) in named)
            ContainerMethods.Put(run, rest, name, value);
        inner.Set("kwargs", rest);
    }
}
