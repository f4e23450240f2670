namespace KvNorm.Jinja;

/// <summary>The functions every template can call.</summary>
internal static class Globals
{
    public static Scope Create(JinjaRun run)
    {
        Scope scope = new(null);
        Add("range", Range);
        Add("namespace", Namespace);
        Add("dict", arguments => Dict(run, arguments));
        Add("raise_exception", Raise);
        Add("strftime_now", arguments => Strftime.Format(run, run.Clock.GetLocalNow(), arguments.Text(0)));
        Add("cycler", Cycler);
        Add("joiner", Joiner);
        return scope;

        void Add(string name, Func<Arguments, object?> call) => scope.Set(name, new JinjaFunction(name, call));
    }

    private static object? Raise(Arguments arguments)
    {
        JinjaRun run = arguments.Run;
        throw new JinjaException(ValueText.Of(run, arguments.Get(0, null)).Text, run.Line, raisedByTemplate: true);
    }

    private static JinjaList Range(Arguments arguments)
    {
        JinjaRun run = arguments.Run;
        long[] bounds = [.. arguments.Items.Select(Bound)];
        (long start, long stop, long step) = bounds switch
        {
            [var end] => (0, end, 1L),
            [var begin, var end] => (begin, end, 1L),
            [var begin, var end, var by] => (begin, end, by),
            _ => throw run.Fail("'range' takes one to three integers"),
        };
        if (step == 0)
            throw run.Fail("the step of 'range' is 0");
        decimal count = Math.Ceiling(((decimal)stop - start) / step);
        run.ChargeList((long)Math.Clamp(count, 0, run.Limits.MaxListLength + 1L));
        List<object?> items = [];
        for (long i = 0; i < count; i++)
            items.Add(start + i * step);
        return new JinjaList(items);

        long Bound(object? item) =>
            item is long or bool ? Numbers.AsLong(item) : throw run.Fail($"'range' does not take {TypeNames.Of(item)}");
    }

    private static JinjaDict Dict(JinjaRun run, Arguments arguments)
    {
        JinjaDict dict = new();
        ContainerMethods.AddAll(run, dict, arguments);
        return dict;
    }

    private static JinjaNamespace Namespace(Arguments arguments)
    {
        JinjaNamespace names = new();
        foreach ((object key, object? value) in Dict(arguments.Run, arguments).Items)
            names.Attributes[ValueText.Of(arguments.Run, key).Text] = value;
        return names;
    }

    private static JinjaFunction Cycler(Arguments arguments)
    {
        List<object?> items = arguments.Items.Count > 0 ? arguments.Items : throw arguments.Run.Fail("'cycler' needs items");
        int index = 0;
        object? Next(Arguments _)
        {
            object? item = items[index];
            index = (index + 1) % items.Count;
            return item;
        }

        object? Reset(Arguments _)
        {
            index = 0;
            return null;
        }

        return new JinjaFunction("cycler", Next)
        {
            Attribute = name => name switch
            {
                "next" => new JinjaFunction(name, Next),
                "reset" => new JinjaFunction(name, Reset),
                "current" => items[index],
                _ => new Undefined(name),
            },
        };
    }

    private static JinjaFunction Joiner(Arguments arguments)
    {
        object? separator = arguments.Get(0, JinjaString.Template(", "));
        bool used = false;
        return new JinjaFunction("joiner", _ =>
        {
            object? text = used ? separator : JinjaString.Empty;
            used = true;
            return text;
        });
    }
}
