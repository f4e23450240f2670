using System.Globalization;
using System.Runtime.ExceptionServices;

namespace KvNorm.Jinja;

/// <summary>The filters of lists and mappings.</summary>
internal static class ListFilters
{
    private static readonly string[] None = [];
    private static readonly JinjaString AttributeName = JinjaString.Template("attribute");
    private static readonly JinjaString DefaultName = JinjaString.Template("default");

    public static IEnumerable<Builtin> All { get; } =
    [
        new("list", None, (run, value, _) => new JinjaList(Iteration.Of(run, value))),
        new("first", None, (run, value, _) => Iteration.Of(run, value) is [var item, ..] ? item : new Undefined("first")),
        new("last", None, (run, value, _) => Iteration.Of(run, value) is [.., var item] ? item : new Undefined("last")),
        new("reverse", None, Reverse),
        new("join", ["d", "attribute"], (run, value, args) =>
            TextParts.Join(run, args.OptionalText(0) ?? JinjaString.Empty, Attributes(run, value, args.Get(1, null)))),
        new("sort", ["reverse", "case_sensitive", "attribute"], (run, value, args) => Sorted(
            run, Iteration.Of(run, value), item => Attribute(run, item, args.Get(2, null)), args.Flag(1, false), args.Flag(0, false))),
        new("unique", ["case_sensitive", "attribute"], Unique),
        new("items", None, Items),
        new("dictsort", ["case_sensitive", "by", "reverse"], DictSort),
        new("map", null, Map),
        new("select", null, (run, value, args) => Where(run, value, args, byAttribute: false, keep: true)),
        new("reject", null, (run, value, args) => Where(run, value, args, byAttribute: false, keep: false)),
        new("selectattr", null, (run, value, args) => Where(run, value, args, byAttribute: true, keep: true)),
        new("rejectattr", null, (run, value, args) => Where(run, value, args, byAttribute: true, keep: false)),
        new("sum", ["attribute", "start"], (run, value, args) =>
            Attributes(run, value, args.Get(0, null)).Aggregate(args.Get(1, 0L), (sum, item) => Operators.Apply(run, "+", sum, item))),
        new("max", None, (run, value, _) => Extreme(run, value, reverse: true)),
        new("min", None, (run, value, _) => Extreme(run, value, reverse: false)),
        new("batch", ["linecount", "fill_with"], Batch),
        new("groupby", ["attribute"], GroupBy),
    ];

    private static object? Reverse(JinjaRun run, object? value, Arguments arguments)
    {
        List<object?> items = Iteration.Of(run, value);
        items.Reverse();
        return value is JinjaString ? TextParts.Join(run, JinjaString.Empty, items) : new JinjaList(items);
    }

    /// <summary>An attribute by its path, "a.0.b"; the value itself without one.</summary>
    /// <param name="run">The render.</param>
    /// <param name="value">What has the attribute.</param>
    /// <param name="path">The path, or null.</param>
    /// <param name="otherwise">What stands for a part of the path that is not there; null for nothing.</param>
    private static object? Attribute(JinjaRun run, object? value, object? path, object? otherwise = null)
    {
        if (path is null)
            return value;
        string names = ValueText.Of(run, path).Text;
        run.ChargeLook(names.Length);
        foreach (Range range in names.AsSpan().Split('.'))
        {
            string part = names[range];
            run.Charge(1);
            value = long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long index) && value is JinjaList
                ? Slicing.Item(run, value, index)
                : Members.Find(run, value, JinjaString.Template(part));
            if (value is Undefined)
                value = otherwise ?? value;
        }

        return value;
    }

    private static IEnumerable<object?> Attributes(JinjaRun run, object? value, object? path) =>
        Iteration.Of(run, value).Select(item => Attribute(run, item, path));

    private static JinjaList Sorted(JinjaRun run, List<object?> items, Func<object?, object?> key, bool caseSensitive, bool reverse)
    {
        Comparer<object?> comparer = Comparer<object?>.Create((left, right) => ValueComparison.Compare(run, left, right));
        try
        {
            return new JinjaList([.. reverse ? items.OrderByDescending(Key, comparer) : items.OrderBy(Key, comparer)]);
        }
        catch (InvalidOperationException error) when (error.InnerException is { } inner)
        {
            // Sorting wraps what its comparer throws.
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }

        object? Key(object? item)
        {
            object? value = key(item);
            return value is JinjaString text && !caseSensitive ? StringMethods.Lower(run, text) : value;
        }
    }

    private static object? Extreme(JinjaRun run, object? value, bool reverse)
    {
        JinjaList sorted = Sorted(run, Iteration.Of(run, value), item => item, caseSensitive: false, reverse);
        return sorted.Items is [var item, ..] ? item : new Undefined("item");
    }

    private static JinjaList Unique(JinjaRun run, object? value, Arguments arguments)
    {
        List<object?> kept = [], keys = [];
        foreach (object? item in Iteration.Of(run, value))
        {
            object? key = Attribute(run, item, arguments.Get(1, null));
            key = key is JinjaString text && !arguments.Flag(0, false) ? StringMethods.Lower(run, text) : key;
            if (keys.Exists(other => ValueComparison.Equal(run, key, other)))
                continue;
            keys.Add(key);
            kept.Add(item);
        }

        return new JinjaList(kept);
    }

    private static JinjaList Items(JinjaRun run, object? value, Arguments arguments) => value switch
    {
        JinjaDict dict => ContainerMethods.Items(run, dict),
        Undefined => new JinjaList([]),
        _ => throw run.Fail($"the filter 'items' does not take {TypeNames.Of(value)}"),
    };

    private static JinjaList DictSort(JinjaRun run, object? value, Arguments arguments)
    {
        string by = arguments.OptionalText(1)?.Text ?? "key";
        if (value is not JinjaDict dict || by is not ("key" or "value"))
            throw run.Fail($"the filter 'dictsort' does not take {TypeNames.Of(value)} by '{by}'");
        return Sorted(run, ContainerMethods.Items(run, dict).Items, Key, arguments.Flag(0, false), arguments.Flag(2, false));

        object? Key(object? pair) => ((JinjaList)pair!).Items[by == "key" ? 0 : 1];
    }

    private static JinjaList Map(JinjaRun run, object? value, Arguments arguments)
    {
        List<object?> items = value is null ? [] : Iteration.Of(run, value);
        if (arguments.Named.TryGetValue(AttributeName, out object? attribute) && arguments.Count == 0)
        {
            object? otherwise = arguments.Named.GetValueOrDefault(DefaultName);
            return new JinjaList([.. items.Select(item => Attribute(run, item, attribute, otherwise))]);
        }

        Builtin filter = Named(run, FilterTable.ByName, arguments, 0, "filter");
        Dictionary<JinjaString, object?> named = new(arguments.Named);
        Arguments rest = new(run, filter.Id, arguments.Items[1..], named);
        return new JinjaList([.. items.Select(item => filter.Invoke(run, item, rest))]);
    }

    /// <summary>Keeps or drops the items that pass a test, by default whether they are true.</summary>
    private static JinjaList Where(JinjaRun run, object? value, Arguments arguments, bool byAttribute, bool keep)
    {
        object? path = byAttribute ? arguments.Required(0) : null;
        int first = byAttribute ? 1 : 0;
        Builtin? test = arguments.Count > first ? Named(run, TestTable.ByName, arguments, first, "test") : null;
        Arguments rest = new(run, test?.Id ?? "", test is null ? [] : arguments.Items[(first + 1)..]);
        return new JinjaList([.. (value is null ? [] : Iteration.Of(run, value)).Where(item =>
        {
            object? subject = Attribute(run, item, path);
            return Truth.Of(test is null ? subject : test.Invoke(run, subject, rest)) == keep;
        })]);
    }

    private static Builtin Named(JinjaRun run, IReadOnlyDictionary<string, Builtin> table, Arguments arguments, int index, string kind)
    {
        string name = arguments.Text(index).Text;
        return table.GetValueOrDefault(name) ?? throw run.Fail($"the {kind} '{name}' is not supported");
    }

    private static JinjaList Batch(JinjaRun run, object? value, Arguments arguments)
    {
        int size = Math.Clamp(arguments.Integer(0, 0), 1, run.Limits.MaxListLength);
        List<object?> rows = [.. Iteration.Of(run, value).Chunk(size).Select(row => new JinjaList([.. row]))];
        if (arguments.Get(1, null) is { } fill && rows is [.., JinjaList last])
        {
            run.ChargeList(size);
            last.Items.AddRange(Enumerable.Repeat<object?>(fill, size - last.Items.Count));
        }

        return new JinjaList(rows);
    }

    private static JinjaList GroupBy(JinjaRun run, object? value, Arguments arguments)
    {
        object? path = arguments.Required(0);
        List<object?> groups = [];
        JinjaList sorted = Sorted(run, Iteration.Of(run, value), item => Attribute(run, item, path), caseSensitive: false, reverse: false);
        foreach (object? item in sorted.Items)
        {
            object? key = Attribute(run, item, path);
            if (groups is [.., JinjaList { Items: [var last, JinjaList members] }] && ValueComparison.Equal(run, last, key))
                members.Items.Add(item);
            else
                groups.Add(new JinjaList([key, new JinjaList([item])], isTuple: true));
        }

        return new JinjaList(groups);
    }
}
