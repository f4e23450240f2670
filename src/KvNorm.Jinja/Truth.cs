namespace KvNorm.Jinja;

/// <summary>Whether a value counts as true, as in Python.</summary>
internal static class Truth
{
    public static bool Of(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        JinjaString text => text.Length > 0,
        JinjaList list => list.Items.Count > 0,
        JinjaDict dict => dict.Items.Count > 0,
        _ => true,
    };
}
