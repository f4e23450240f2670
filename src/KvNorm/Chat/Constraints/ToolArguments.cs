using System.Text.Json;
using KvNorm.Grammars;

namespace KvNorm.Chat.Constraints;

/// <summary>What a tool declares of its arguments, for grammars that write each for itself.</summary>
internal static class ToolArguments
{
    private static readonly string[] OfText = ["pattern", "format", "minLength", "maxLength"]; // which text between marks is not held to

    /// <summary>
    /// The arguments in order, and whether each is required; null when the tool does not declare all of them there, so that any may come.
    /// </summary>
    /// <param name="schema">The tool's, as <see cref="ArgumentSchema"/> gives it.</param>
    /// <param name="report">Told of what is not held then; null for nobody.</param>
    public static IReadOnlyList<(JsonProperty Property, bool IsRequired)>? Declared(JsonElement schema, Action<string>? report = null)
    {
        if (schema.ValueKind != JsonValueKind.Object
            || !schema.TryGetProperty("properties", out JsonElement properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        HashSet<string> required = Required(schema);
        if (DeclaresElsewhere(schema) || !required.IsSubsetOf(properties.EnumerateObject().Select(static property => property.Name)))
        {
            report?.Invoke("The grammar does not hold the JSON schema: not all arguments are among its 'properties'.");
            return null;
        }

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
        if (argument.Value.ValueKind != JsonValueKind.Object)
            return [];
        Schema schema = KeywordRepair.Repair(Schema.Of(SchemaError.Child("/properties", argument.Name), argument.Value), report);
        IReadOnlyList<JsonElement>? values = SchemaValues.Of(schema);
        if (values is null)
        {
            foreach (string keyword in OfText.Where(keyword => schema[keyword] is not null && !(keyword == "format" && StringFormats.IsFree(schema))))
                report(SchemaError.Unsaid(SchemaError.Child(schema.Pointer, keyword)));
        }

        if (values is { Count: 0 })
            report(SchemaValues.Nothing(schema).Message);
        foreach (string keyword in SchemaValues.Unsaid(schema, values))
            report(SchemaError.Unsaid(SchemaError.Child(schema.Pointer, keyword)));
        return values ?? [];
    }

    // Whether what a schema is made of may declare arguments, too.
    private static bool DeclaresElsewhere(JsonElement schema) => schema.EnumerateObject().Any(static member => member.Name switch
    {
        "$ref" => member.Value.ValueKind == JsonValueKind.String,
        "allOf" or "anyOf" or "oneOf" => member.Value.ValueKind == JsonValueKind.Array
            && (IsReferring(member.Value) || member.Value.GetRawText().Contains("\"properties\"", StringComparison.Ordinal)),
        _ => false,
    });

    private static HashSet<string> Required(JsonElement schema) =>
        schema.TryGetProperty("required", out JsonElement names) && names.ValueKind == JsonValueKind.Array ? [.. Strings(names)] : [];

    private static IEnumerable<string> Strings(JsonElement array) =>
        array.EnumerateArray().Where(static value => value.ValueKind == JsonValueKind.String).Select(static value => value.GetString()!);
}
