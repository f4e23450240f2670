using System.Collections.Frozen;

namespace KvNorm.Jinja;

/// <summary>All tests by name: what may follow `is`.</summary>
internal static class TestTable
{
    private static readonly string[] None = [];
    private static readonly string[] Other = ["other"];

    public static FrozenDictionary<string, Builtin> ByName { get; } = Builtin.Table(
    [
        Is("defined", value => value is not Undefined),
        Is("undefined", value => value is Undefined),
        Is("none", value => value is null),
        Is("boolean", value => value is bool),
        Is("true", value => value is true),
        Is("false", value => value is false),
        Is("integer", value => value is long or LargeInteger),
        Is("float", value => value is double),
        Is("number", Numbers.Is),
        Is("string", value => value is JinjaString),
        Is("mapping", value => value is JinjaDict),
        Is("iterable", value => value is JinjaList or JinjaString or JinjaDict),
        Is("sequence", value => value is JinjaList or JinjaString or JinjaDict),
        Is("callable", value => value is JinjaFunction),
        Is("lower", value => value is JinjaString text && !text.Text.Any(char.IsUpper)),
        Is("upper", value => value is JinjaString text && !text.Text.Any(char.IsLower)),
        new("odd", None, (run, value, _) => Remainder(run, value, 2) != 0),
        new("even", None, (run, value, _) => Remainder(run, value, 2) == 0),
        new("divisibleby", ["num"], (run, value, args) => Remainder(run, value, args.Integer(0, 0)) == 0),
        new("in", ["seq"], (run, value, args) => ValueComparison.Contains(run, args.Required(0), value)),
        new("sameas", Other, (run, value, args) => Same(run, value, args.Required(0))),
        new("filter", None, (_, value, _) => value is JinjaString name && FilterTable.ByName.ContainsKey(name.Text)),
        new("test", None, (_, value, _) => value is JinjaString name && ByName!.ContainsKey(name.Text)),
        .. Compared(ValueComparison.Equal, "==", "eq", "equalto"),
        .. Compared((run, value, other) => !ValueComparison.Equal(run, value, other), "!=", "ne"),
        .. Ordered(order => order < 0, "<", "lt", "lessthan"),
        .. Ordered(order => order <= 0, "<=", "le"),
        .. Ordered(order => order > 0, ">", "gt", "greaterthan"),
        .. Ordered(order => order >= 0, ">=", "ge"),
    ]);

    private static Builtin Is(string id, Func<object?, bool> fits) => new(id, None, (run, value, _) =>
    {
        run.Charge(value is JinjaString text ? text.Length / 16 : 1);
        return fits(value);
    });

    // Python has one object for equal texts of a template and for each small integer.
    private static bool Same(JinjaRun run, object? value, object? other) => ReferenceEquals(value, other)
        || (value, other) is (bool, bool) or (long, long) or (JinjaString, JinjaString) && ValueComparison.Equal(run, value, other);

    private static IEnumerable<Builtin> Compared(Func<JinjaRun, object?, object?, bool> fits, params string[] names) =>
        names.Select(name => new Builtin(name, Other, (run, value, args) => fits(run, value, args.Required(0))));

    private static IEnumerable<Builtin> Ordered(Func<int, bool> fits, params string[] names) =>
        Compared((run, value, other) => fits(ValueComparison.Compare(run, value, other)), names);

    private static long Remainder(JinjaRun run, object? value, int divisor) => value is long or bool && divisor is not (0 or -1)
        ? Numbers.AsLong(value) % divisor
        : throw run.Fail($"{TypeNames.Of(value)} cannot be divided by {divisor}");
}
