namespace KvNorm.Jinja;

/// <summary>Items and slices of texts and lists, as in Python.</summary>
internal static class Slicing
{
    public static object? Item(JinjaRun run, object? target, long index)
    {
        switch (target)
        {
            case JinjaList list:
                index += index < 0 ? list.Items.Count : 0;
                return index >= 0 && index < list.Items.Count ? list.Items[(int)index] : new Undefined($"item {index}");
            case JinjaString text when !Characters.HasPairs(text.Text):
                run.ChargeSearch(text.Length, 1);
                index += index < 0 ? text.Length : 0;
                return index >= 0 && index < text.Length
                    ? text.Slice(run, (int)index, (int)index + 1)
                    : new Undefined($"character {index}");
            case JinjaString text:
                return Item(run, Split(run, text), index);
            default:
                return new Undefined($"item {index}");
        }
    }

    public static object? Range(JinjaRun run, object? target, long? start, long? stop, long step)
    {
        if (step == 0)
            throw run.Fail("the step of a slice is 0");
        switch (target)
        {
            case JinjaString text when !Characters.HasPairs(text.Text) && step == 1:
                run.ChargeSearch(text.Length, 1);
                (long from, long to) = Bounds(text.Length, start, stop, step);
                return text.Slice(run, (int)from, (int)to);
            case JinjaString text:
                JinjaStringBuilder joined = new(run);
                foreach (object? character in Picked(run, Split(run, text).Items, start, stop, step))
                    joined.Append((JinjaString)character!);
                return joined.ToJinjaString();
            case JinjaList list:
                return new JinjaList(Picked(run, list.Items, start, stop, step), list.IsTuple);
            default:
                throw run.Fail($"{TypeNames.Of(target)} cannot be sliced");
        }
    }

    private static JinjaList Split(JinjaRun run, JinjaString text) => new([.. Characters.Of(run, text)]);

    private static List<object?> Picked(JinjaRun run, List<object?> items, long? start, long? stop, long step)
    {
        (long from, long to) = Bounds(items.Count, start, stop, step);
        List<object?> picked = [];
        for (long i = from; step > 0 ? i < to : i > to; i += step)
        {
            picked.Add(items[(int)i]);
            if (Math.Abs(step) > items.Count)
                break;
        }

        run.ChargeList(picked.Count);
        return picked;
    }

    private static (long From, long To) Bounds(int length, long? start, long? stop, long step)
    {
        (long low, long high) = step > 0 ? (0L, (long)length) : (-1L, length - 1L);
        long from = start is null ? step > 0 ? low : high : Clamp(start.Value);
        long to = stop is null ? step > 0 ? high : low : Clamp(stop.Value);
        return (from, to);

        long Clamp(long index) => Math.Clamp(index < 0 ? Math.Max(index, -1 - (long)length) + length : index, low, high);
    }
}
