using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>
/// Takes out of a schema what cannot be read, as servers of tools write it: null for a list, text for a number, names of types from
/// programming languages. What is taken out allows anything.
/// </summary>
internal static class KeywordRepair
{
    private const int QuotedCharacters = 60; // of a value in a message

    /// <summary>The schema with the keywords that can be read.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="report">Told of each that is left out or read as something else.</param>
    public static Schema Repair(Schema schema, Action<string> report)
    {
        Dictionary<string, JsonElement>? readable = null; // once something is changed
        foreach ((string keyword, JsonElement value) in schema.Keywords)
        {
            JsonElement? read = keyword == "type" ? Types(value) : IsReadable(keyword, value) ? value : null;
            if (read is { } same && (keyword != "type" || JsonElement.DeepEquals(same, value)))
                continue;
            readable ??= new(schema.Keywords, StringComparer.Ordinal);
            readable.Remove(keyword);
            if (read is { } kept)
                readable[keyword] = kept;
            report(Problem(SchemaError.Child(schema.Pointer, keyword), value));
        }

        return readable is null ? schema : Schema.Of(schema.Pointer, readable);
    }

    private static string Problem(string pointer, JsonElement value)
    {
        string text = value.GetRawText();
        string quoted = text.Length > QuotedCharacters ? text[..QuotedCharacters] + "..." : text;
        return $"The JSON schema at '#{pointer}' cannot be read as it stands: {quoted}";
    }

    private static bool IsReadable(string keyword, JsonElement value) => keyword switch
    {
        "properties" or "patternProperties" => value.ValueKind == JsonValueKind.Object,
        "additionalProperties" or "additionalItems" => IsSchema(value),
        "items" => IsSchema(value) || value.ValueKind == JsonValueKind.Array,
        "prefixItems" => value.ValueKind == JsonValueKind.Array,
        "required" => IsBoolean(value) || (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(IsText)),
        "enum" => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0,
        "minItems" or "maxItems" or "minLength" or "maxLength" => IsCount(value),
        "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" => value.ValueKind == JsonValueKind.Number,
        "pattern" or "format" => IsText(value),
        _ => true,
    };

    // One name or several; null when none is known, which leaves the type open.
    private static JsonElement? Types(JsonElement value)
    {
        JsonElement[] names = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        string?[] known = [.. names.Select(static name => IsText(name) ? Known(name.GetString()!) : null)];
        if (known.Length == 0 || known.Contains(null))
            return null;
        if (names.Select(static name => name.GetString()).SequenceEqual(known, StringComparer.Ordinal))
            return value;
        string list = string.Join(',', known.Select(static name => $"\"{name}\""));
        return JsonElement.Parse(value.ValueKind == JsonValueKind.Array ? $"[{list}]" : list);
    }

    private static string? Known(string name) => name.ToUpperInvariant() switch
    {
        "OBJECT" or "DICT" => "object",
        "ARRAY" or "LIST" => "array",
        "STRING" or "STR" => "string",
        "NUMBER" or "FLOAT" or "DOUBLE" => "number",
        "INTEGER" or "INT" or "LONG" => "integer",
        "BOOLEAN" or "BOOL" => "boolean",
        "NULL" or "NONE" => "null",
        _ => null,
    };

    private static bool IsSchema(JsonElement value) => IsBoolean(value) || value.ValueKind == JsonValueKind.Object;

    private static bool IsBoolean(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False;

    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String;

    private static bool IsCount(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= 0 && number == Math.Floor(number);
}
