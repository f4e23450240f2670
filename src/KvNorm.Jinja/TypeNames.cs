namespace KvNorm.Jinja;

/// <summary>What messages call the type of a value.</summary>
internal static class TypeNames
{
    public static string Of(object? value) => value switch
    {
        null => "none",
        Undefined undefined => $"undefined ('{undefined.Name}')",
        bool => "a boolean",
        long or LargeInteger => "an integer",
        double => "a float",
        JinjaString => "text",
        JinjaList => "a list",
        JinjaDict => "a mapping",
        JinjaNamespace => "a namespace",
        LoopState => "a loop",
        _ => "a function",
    };
}
