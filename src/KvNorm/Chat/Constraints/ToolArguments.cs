using System.Text.Json;

namespace KvNorm.Chat.Constraints;

/// <summary>What a tool declares of its arguments, for grammars that write each for itself.</summary>
internal static class ToolArguments
{
    /// <summary>The arguments in order, and whether each is required; null when the tool declares nothing, so that any may come.</summary>
    /// <param name="schema">The tool's, as <see cref="ArgumentSchema"/> gives it.</param>
    public static IReadOnlyList<(JsonProperty Property, bool IsRequired)>? Declared(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object
            || !schema.TryGetProperty("properties", out JsonElement properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        HashSet<string> required = Required(schema);
        return
        [
            .. properties.EnumerateObject()
                .Where(static property => property.Value.ValueKind != JsonValueKind.False)
                .Select(property => (property, required.Contains(property.Name))),
        ];
    }

    /// <summary>Whether a schema refers to what stands outside it.</summary>
    public static bool IsReferring(JsonElement schema) => schema.GetRawText().Contains("\"$ref\"", StringComparison.Ordinal);

    /// <summary>The values of which a schema wants one; empty for no such list.</summary>
    public static JsonElement[] Choices(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("enum", out JsonElement values)
        && values.ValueKind == JsonValueKind.Array
            ? [.. values.EnumerateArray()]
            : [];

    private static HashSet<string> Required(JsonElement schema) =>
        schema.TryGetProperty("required", out JsonElement names) && names.ValueKind == JsonValueKind.Array ? [.. Strings(names)] : [];

    private static IEnumerable<string> Strings(JsonElement array) =>
        array.EnumerateArray().Where(static value => value.ValueKind == JsonValueKind.String).Select(static value => value.GetString()!);
}
