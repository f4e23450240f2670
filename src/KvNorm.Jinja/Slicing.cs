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
            case JinjaString text:
                int count = Characters.Count(run, text);
                index += index < 0 ? count : 0;
                if (index < 0 || index >= count)
                    return new Undefined($"character {index}");
                int at = Characters.Offset(run, text, (int)index);
                return text.Slice(run, at, at + Characters.LengthAt(text.Text, at));
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
            case JinjaString text when step == 1:
                (int from, int to) = Bounds(Characters.Count(run, text), start, stop, step);
                return text.Slice(run, Characters.Offset(run, text, from), Characters.Offset(run, text, to));
            case JinjaString text:
                JinjaStringBuilder joined = new(run);
                foreach (object? character in Picked(run, [.. Characters.Of(run, text)], start, stop, step))
                    joined.Append((JinjaString)character!);
                return joined.ToJinjaString();
            case JinjaList list:
                return new JinjaList(Picked(run, list.Items, start, stop, step), list.IsTuple);
            default:
                throw run.Fail($"{TypeNames.Of(target)} cannot be sliced");
        }
    }

    private static List<object?> Picked(JinjaRun run, List<object?> items, long? start, long? stop, long step)
    {
        (int from, int to) = Bounds(items.Count, start, stop, step);
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

    /// <summary>Where a range begins and ends in so many items, counted from their end where it is negative.</summary>
    public static (int From, int To) Bounds(int length, long? start, long? stop, long step)
    {
        (int low, int high) = step > 0 ? (0, length) : (-1, length - 1);
        int from = start is null ? step > 0 ? low : high : Clamp(start.Value);
        int to = stop is null ? step > 0 ? high : low : Clamp(stop.Value);
        return (from, to);

        int Clamp(long index) => (int)Math.Clamp(index < 0 ? Math.Max(index, -1 - (long)length) + length : index, low, high);
    }
}
