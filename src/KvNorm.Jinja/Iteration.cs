namespace KvNorm.Jinja;

/// <summary>What a loop or a filter goes through: the items of a list, the keys of a mapping, the characters of a text.</summary>
internal static class Iteration
{
    /// <summary>The items, safe against changes of the value while they are gone through.</summary>
    public static List<object?> Of(JinjaRun run, object? value)
    {
        switch (value)
        {
            case JinjaList list:
                run.ChargeList(list.Items.Count);
                return [.. list.Items];
            case JinjaDict dict:
                run.ChargeList(dict.Items.Count);
                return [.. dict.Items.Keys];
            case JinjaString text:
                run.CheckList(text.Length);
                return [.. Characters.Of(run, text)];
            case Undefined:
                return [];
            default:
                throw run.Fail($"{TypeNames.Of(value)} has no items to go through");
        }
    }
}
