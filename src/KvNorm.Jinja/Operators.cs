namespace KvNorm.Jinja;

/// <summary>The binary operators + - * / // % ** and ~.</summary>
internal static class Operators
{
    public static object? Apply(JinjaRun run, string op, object? left, object? right)
    {
        if (op == "~")
            return JinjaString.Concat(run, ValueText.Of(run, left), ValueText.Of(run, right));
        if (Numbers.Is(left) && Numbers.Is(right))
            return Numbers.Apply(run, op, left, right);
        return (op, left, right) switch
        {
            ("+", JinjaList a, JinjaList b) => Joined(run, a, b),
            // Python's Jinja refuses a number beside a text; @huggingface/jinja writes it out, and templates rely on either.
            ("+", JinjaString a, JinjaString or long or double or bool) => JinjaString.Concat(run, a, ValueText.Of(run, right)),
            ("+", long or double or bool, JinjaString b) => JinjaString.Concat(run, ValueText.Of(run, left), b),
            ("*", JinjaString a, long or bool) => Repeated(run, a, Numbers.AsLong(right)),
            ("*", long or bool, JinjaString b) => Repeated(run, b, Numbers.AsLong(left)),
            ("*", JinjaList a, long or bool) => Repeated(run, a, Numbers.AsLong(right)),
            ("*", long or bool, JinjaList b) => Repeated(run, b, Numbers.AsLong(left)),
            ("%", JinjaString a, _) => TextFormats.Percent(run, a, right is JinjaList { IsTuple: true } tuple ? tuple.Items : [right]),
            _ => throw run.Fail($"the operator '{op}' does not take {TypeNames.Of(left)} and {TypeNames.Of(right)}"),
        };
    }

    private static JinjaList Joined(JinjaRun run, JinjaList left, JinjaList right)
    {
        run.ChargeList((long)left.Items.Count + right.Items.Count);
        return new JinjaList([.. left.Items, .. right.Items], left.IsTuple && right.IsTuple);
    }

    private static JinjaString Repeated(JinjaRun run, JinjaString text, long count)
    {
        if (text.Length == 0 || count <= 0)
            return JinjaString.Empty;
        JinjaStringBuilder repeated = new(run);
        run.CheckText(Math.Min(count, run.Limits.MaxTextLength + 1L) * text.Length);
        repeated.AppendRepeated(text, count);
        return repeated.ToJinjaString();
    }

    private static JinjaList Repeated(JinjaRun run, JinjaList list, long count)
    {
        if (list.Items.Count == 0 || count <= 0)
            return new JinjaList([], list.IsTuple);
        run.ChargeList(Math.Min(count, run.Limits.MaxListLength + 1L) * list.Items.Count);
        List<object?> items = [];
        for (long i = 0; i < count; i++)
            items.AddRange(list.Items);
        return new JinjaList(items, list.IsTuple);
    }
}
