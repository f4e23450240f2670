using System.Text.Json;

namespace KvNorm.Jinja;

/// <summary>Turns what a caller passes into values of templates. Every string becomes data unless the caller marked it.</summary>
internal static class InputValues
{
    /// <summary>How deep a caller's values may nest; System.Text.Json reads 64 levels.</summary>
    private const int MaxDepth = 128;

    /// <summary>Converts a value and all in it.</summary>
    /// <exception cref="JinjaException">The value nests too deeply.</exception>
    /// <exception cref="ArgumentException">The value is of a type that templates do not know.</exception>
    public static object? Convert(object? value, int depth = 0)
    {
        if (depth > MaxDepth)
            throw JinjaException.At(1, $"a variable nests deeper than {MaxDepth} levels");
        return value switch
        {
            null or bool or long or double => value,
            string text => JinjaString.Data(text),
            JinjaText text => new JinjaString(text.Text ?? "", text.FromTemplate, []),
            int number => (long)number,
            float number => (double)number,
            JsonElement element => FromJson(element, depth),
            IReadOnlyDictionary<string, object?> map => FromMap(map, depth),
            IReadOnlyList<object?> list => new JinjaList([.. list.Select(item => Convert(item, depth + 1))]),
            _ => throw new ArgumentException($"A variable of a template cannot be of type {value.GetType()}.", nameof(value)),
        };
    }

    private static JinjaDict FromMap(IReadOnlyDictionary<string, object?> map, int depth)
    {
        JinjaDict dict = new();
        foreach ((string key, object? value) in map)
            dict.Items[JinjaString.Data(key)] = Convert(value, depth + 1);
        return dict;
    }

    private static object? FromJson(JsonElement element, int depth) => element.ValueKind switch
    {
        JsonValueKind.String => JinjaString.Data(element.GetString()!),
        JsonValueKind.Number => FromNumber(element),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => new JinjaList([.. element.EnumerateArray().Select(item => Convert(item, depth + 1))]),
        JsonValueKind.Object => FromJsonObject(element, depth),
        _ => null,
    };

    private static object FromNumber(JsonElement element)
    {
        if (element.TryGetInt64(out long number))
            return number;
        string text = element.GetRawText();
        return text.AsSpan().ContainsAny('.', 'e', 'E') ? element.GetDouble() : new LargeInteger(text);
    }

    private static JinjaDict FromJsonObject(JsonElement element, int depth)
    {
        JinjaDict dict = new();
        foreach (JsonProperty property in element.EnumerateObject())
            dict.Items[JinjaString.Data(property.Name)] = Convert(property.Value, depth + 1);
        return dict;
    }
}
