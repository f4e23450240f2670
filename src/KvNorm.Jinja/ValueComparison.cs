namespace KvNorm.Jinja;

/// <summary>Equality, order and membership of values, as in Python.</summary>
internal static class ValueComparison
{
    public static bool Equal(JinjaRun run, object? left, object? right)
    {
        run.Charge(1);
        return (left, right) switch
        {
            (JinjaString a, JinjaString b) => TextsEqual(run, a, b),
            (JinjaList a, JinjaList b) => ReferenceEquals(a, b) || a.IsTuple == b.IsTuple && ListsEqual(run, a.Items, b.Items),
            (JinjaDict a, JinjaDict b) => ReferenceEquals(a, b) || DictsEqual(run, a, b),
            (Undefined, Undefined) or (null, null) => true,
            (long a, long b) => a == b,
            _ => Numbers.Is(left) && Numbers.Is(right) ? Numbers.AsDouble(left) == Numbers.AsDouble(right) : ReferenceEquals(left, right),
        };
    }

    /// <summary>Less than 0, 0 or more, as the left value comes before, equals or comes after the right one.</summary>
    public static int Compare(JinjaRun run, object? left, object? right)
    {
        run.Charge(1);
        return (left, right) switch
        {
            (JinjaString a, JinjaString b) => CompareTexts(run, a, b),
            (long a, long b) => a.CompareTo(b),
            (JinjaList a, JinjaList b) => CompareLists(run, a.Items, b.Items),
            _ when Numbers.Is(left) && Numbers.Is(right) => Numbers.AsDouble(left).CompareTo(Numbers.AsDouble(right)),
            _ => throw run.Fail($"{TypeNames.Of(left)} and {TypeNames.Of(right)} have no order"),
        };
    }

    public static bool Contains(JinjaRun run, object? container, object? item)
    {
        switch (container)
        {
            case Undefined:
                return false;
            case JinjaString text when item is JinjaString part:
                run.ChargeSearch(text.Length, part.Length);
                return text.Text.Contains(part.Text, StringComparison.Ordinal);
            case JinjaList list:
                return list.Items.Exists(other => Equal(run, item, other));
            case JinjaDict dict:
                return dict.TryGet(run, item, out _);
            default:
                throw run.Fail($"{TypeNames.Of(item)} cannot be in {TypeNames.Of(container)}");
        }
    }

    private static bool TextsEqual(JinjaRun run, JinjaString a, JinjaString b)
    {
        if (a.Length != b.Length)
            return false;
        run.ChargeSearch(a.Length, a.Length);
        return a.Text == b.Text;
    }

    private static int CompareTexts(JinjaRun run, JinjaString a, JinjaString b)
    {
        run.ChargeLook(Math.Min(a.Length, b.Length));
        return string.CompareOrdinal(a.Text, b.Text);
    }

    private static bool ListsEqual(JinjaRun run, List<object?> a, List<object?> b)
    {
        if (a.Count != b.Count)
            return false;
        run.Enter();
        bool equal = true;
        for (int i = 0; i < a.Count && equal; i++)
            equal = Equal(run, a[i], b[i]);
        run.Leave();
        return equal;
    }

    private static bool DictsEqual(JinjaRun run, JinjaDict a, JinjaDict b)
    {
        if (a.Items.Count != b.Items.Count)
            return false;
        run.Enter();
        bool equal = a.Items.All(pair => b.TryGet(run, pair.Key, out object? other) && Equal(run, pair.Value, other));
        run.Leave();
        return equal;
    }

    private static int CompareLists(JinjaRun run, List<object?> a, List<object?> b)
    {
        run.Enter();
        int order = 0;
        for (int i = 0; i < Math.Min(a.Count, b.Count) && order == 0; i++)
            order = Equal(run, a[i], b[i]) ? 0 : Compare(run, a[i], b[i]);
        run.Leave();
        return order == 0 ? a.Count.CompareTo(b.Count) : order;
    }
}
