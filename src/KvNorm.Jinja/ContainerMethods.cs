using System.Collections.Frozen;

namespace KvNorm.Jinja;

/// <summary>The methods of lists and mappings. They change only a render's own copy of the caller's values.</summary>
internal static class ContainerMethods
{
    private static readonly string[] None = [];
    private static readonly string[] Item = ["item"];
    private static readonly string[] KeyAndDefault = ["key", "default"];

    public static FrozenDictionary<string, Builtin> OfLists { get; } = Builtin.Table(
    [
        List("append", Item, (run, list, args) => Insert(run, list, list.Items.Count, args.Required(0))),
        List("insert", ["index", "item"], (run, list, args) =>
            Insert(run, list, Math.Clamp(args.Integer(0, 0), 0, list.Items.Count), args.Required(1))),
        List("extend", ["items"], Extend),
        List("pop", ["index"], Pop),
        List("reverse", None, (run, list, _) => Reverse(run, list)),
        List("index", Item, (run, list, args) =>
            IndexOf(run, list, args.Required(0)) is >= 0 and var at ? (long)at : throw run.Fail("the item of 'index' is not there")),
        List("count", Item, (run, list, args) => (long)list.Items.Count(item => ValueComparison.Equal(run, item, args.Required(0)))),
    ]);

    public static FrozenDictionary<string, Builtin> OfDicts { get; } = Builtin.Table(
    [
        Dict("get", KeyAndDefault, (run, dict, args) => dict.TryGet(run, args.Required(0), out object? value) ? value : args.Get(1, null)),
        Dict("items", None, (run, dict, _) => Items(run, dict)),
        Dict("keys", None, (run, dict, _) => new JinjaList(Iteration.Of(run, dict))),
        Dict("values", None, (run, dict, _) => Values(run, dict)),
        Dict("update", null, Update),
        Dict("pop", KeyAndDefault, Pop),
        Dict("setdefault", KeyAndDefault, SetDefault),
        Dict("copy", None, (run, dict, _) => Copy(run, dict)),
    ]);

    public static JinjaList Items(JinjaRun run, JinjaDict dict)
    {
        run.ChargeList(dict.Items.Count * 2L);
        return new JinjaList([.. dict.Items.Select(pair => new JinjaList([pair.Key, pair.Value], isTuple: true))]);
    }

    /// <summary>Takes over the items of a mapping or the pairs of a list, and named arguments.</summary>
    public static void AddAll(JinjaRun run, JinjaDict target, Arguments arguments)
    {
        foreach (object? source in arguments.Items)
        {
            foreach (object? item in source is JinjaDict dict ? Items(run, dict).Items : Iteration.Of(run, source))
            {
                if (item is not JinjaList { Items: [var key, var value] })
                    throw run.Fail("a mapping is made of another or of pairs");
                Put(run, target, key, value);
            }
        }

        foreach ((JinjaString name, object? value) in arguments.Named)
            Put(run, target, name, value);
    }

    public static void Put(JinjaRun run, JinjaDict dict, object? key, object? value)
    {
        run.ChargeList(dict.Items.Count / 64 + 1);
        dict.Items[JinjaDict.Key(run, key) ?? throw run.Fail($"{TypeNames.Of(key)} cannot be a key")] = value;
    }

    private static Builtin List(string id, string[]? parameters, Func<JinjaRun, JinjaList, Arguments, object?> body) =>
        new(id, parameters, (run, target, arguments) => body(run, (JinjaList)target!, arguments));

    private static Builtin Dict(string id, string[]? parameters, Func<JinjaRun, JinjaDict, Arguments, object?> body) =>
        new(id, parameters, (run, target, arguments) => body(run, (JinjaDict)target!, arguments));

    private static object? Insert(JinjaRun run, JinjaList list, int index, object? item)
    {
        run.ChargeItem(list.Items.Count);
        run.Charge(list.Items.Count - index);
        list.Items.Insert(index, item);
        return null;
    }

    private static object? Extend(JinjaRun run, JinjaList list, Arguments arguments)
    {
        List<object?> added = Iteration.Of(run, arguments.Required(0));
        run.ChargeList((long)list.Items.Count + added.Count);
        list.Items.AddRange(added);
        return null;
    }

    private static object? Pop(JinjaRun run, JinjaList list, Arguments arguments)
    {
        int index = arguments.Integer(0, -1);
        index += index < 0 ? list.Items.Count : 0;
        if (index < 0 || index >= list.Items.Count)
            throw run.Fail("'pop' takes an item that is not there");
        object? item = list.Items[index];
        run.Charge(list.Items.Count - index);
        list.Items.RemoveAt(index);
        return item;
    }

    private static object? Reverse(JinjaRun run, JinjaList list)
    {
        run.Charge(list.Items.Count);
        list.Items.Reverse();
        return null;
    }

    private static int IndexOf(JinjaRun run, JinjaList list, object? wanted) =>
        list.Items.FindIndex(item => ValueComparison.Equal(run, item, wanted));

    private static JinjaList Values(JinjaRun run, JinjaDict dict)
    {
        run.ChargeList(dict.Items.Count);
        return new JinjaList([.. dict.Items.Values]);
    }

    private static object? Update(JinjaRun run, JinjaDict dict, Arguments arguments)
    {
        AddAll(run, dict, arguments);
        return null;
    }

    private static object? Pop(JinjaRun run, JinjaDict dict, Arguments arguments)
    {
        if (!dict.TryGet(run, arguments.Required(0), out object? value))
            return arguments.Has(1) ? arguments.Get(1, null) : throw run.Fail("'pop' takes a key that is not there");
        run.Charge(dict.Items.Count);
        dict.Items.Remove(JinjaDict.Key(run, arguments.Required(0))!);
        return value;
    }

    private static object? SetDefault(JinjaRun run, JinjaDict dict, Arguments arguments)
    {
        if (dict.TryGet(run, arguments.Required(0), out object? value))
            return value;
        Put(run, dict, arguments.Required(0), arguments.Get(1, null));
        return arguments.Get(1, null);
    }

    private static JinjaDict Copy(JinjaRun run, JinjaDict dict)
    {
        JinjaDict copy = new();
        AddAll(run, copy, new Arguments(run, "copy", [dict]));
        return copy;
    }
}
