using System.Text.Json;
using KvNorm.Grammars;

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

    /// <summary>The values of which an argument has to be one; empty for no such list.</summary>
    public static IReadOnlyList<JsonElement> Choices(JsonProperty argument, Action<string> report)
    {
        if (argument.Value.ValueKind != JsonValueKind.Object || !argument.Value.TryGetProperty("enum", out _))
            return [];
        Schema schema = KeywordRepair.Repair(Schema.Of(SchemaError.Child("/properties", argument.Name), argument.Value), report);
        IReadOnlyList<JsonElement>? values = SchemaValues.Of(schema);
        if (values is { Count: 0 })
            report(SchemaValues.Nothing(schema).Message);
        foreach (string keyword in SchemaValues.Unsaid(schema, values))
            report(SchemaError.Unsaid(SchemaError.Child(schema.Pointer, keyword)));
        return values ?? [];
    }

    private static HashSet<string> Required(JsonElement schema) =>
        schema.TryGetProperty("required", out JsonElement names) && names.ValueKind == JsonValueKind.Array ? [.. Strings(names)] : [];

    private static IEnumerable<string> Strings(JsonElement array) =>
        array.EnumerateArray().Where(static value => value.ValueKind == JsonValueKind.String).Select(static value => value.GetString()!);
}
