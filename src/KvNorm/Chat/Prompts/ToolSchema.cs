using System.Text.Json;
using KvNorm.Chat.Dialects;

namespace KvNorm.Chat.Prompts;

/// <summary>
/// Writes the schema of a tool's parameters for a template, which looks into it and fails at what it does not expect. What is no JSON
/// schema is left out; a schema that is one says the same as before.
/// </summary>
/// <param name="needs">What the template cannot do without.</param>
internal sealed class ToolSchema(SchemaNeeds needs)
{
    private static readonly string[] Types = ["string", "number", "integer", "boolean", "object", "array"];

    /// <summary>The schema as a variable: always that of an object with properties, which may be none.</summary>
    public Dictionary<string, object?> Write(JsonElement schema)
    {
        Dictionary<string, object?> written = Keywords(Readable(schema));
        written["type"] = "object";
        written.TryAdd("properties", new Dictionary<string, object?>(StringComparer.Ordinal));
        return written;
    }

    // Half a surrogate pair is no text, and what is nested deeper than JSON is read is no schema that a model could follow.
    private static JsonElement Readable(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return default;
        try
        {
            return ToolCallText.Parse(schema.GetRawText());
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private Dictionary<string, object?> Schema(JsonElement schema)
    {
        Dictionary<string, object?> written = Keywords(schema);
        if (needs.HasFlag(SchemaNeeds.OneType))
            NameOneType(written);
        if (needs.HasFlag(SchemaNeeds.Descriptions))
            Describe(written);
        return written;
    }

    // What is no object allows anything, as true does.
    private Dictionary<string, object?> Keywords(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object ? Each(schema, Keyword) : new Dictionary<string, object?>(StringComparer.Ordinal);

    private object? Keyword(string key, JsonElement value) => (key, value.ValueKind) switch
    {
        ("properties" or "patternProperties" or "$defs" or "definitions", JsonValueKind.Object) =>
            Each(value, (_, schema) => Schema(schema)),
        ("anyOf" or "oneOf" or "allOf" or "prefixItems", JsonValueKind.Array) => Schemas(value),
        ("items", JsonValueKind.Array) =>
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["anyOf"] = Schemas(value) },
        ("additionalProperties", JsonValueKind.True or JsonValueKind.False) => value,
        ("items" or "additionalProperties" or "not", _) => Schema(value),
        ("required", JsonValueKind.Array) => Texts(value),
        ("type", JsonValueKind.Array) => Texts(value) is { Count: > 0 } names ? names : null,
        ("type" or "description", JsonValueKind.String) or ("enum", JsonValueKind.Array) => value,
        ("properties" or "patternProperties" or "$defs" or "definitions" or "anyOf" or "oneOf" or "allOf" or "prefixItems"
            or "required" or "type" or "description" or "enum", _) => null,
        _ => value,
    };

    private static Dictionary<string, object?> Each(JsonElement value, Func<string, JsonElement, object?> write)
    {
        Dictionary<string, object?> written = new(StringComparer.Ordinal);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (write(property.Name, property.Value) is { } kept)
                written[property.Name] = kept;
        }

        return written;
    }

    private List<object?> Schemas(JsonElement list) =>
        [.. list.EnumerateArray().Select(Schema)];

    private static List<object?> Texts(JsonElement list) =>
        [.. list.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String).Select(static item => item.GetString())];

    private static void NameOneType(Dictionary<string, object?> schema)
    {
        if (!schema.TryGetValue("type", out object? type))
            return;
        string[] names = type is JsonElement one ? [one.GetString()!] : [.. ((List<object?>)type!).Cast<string>()];
        string[] known = [.. names.Intersect(Types, StringComparer.Ordinal)];
        if (known.Length == 1)
            schema["type"] = known[0];
        else
            schema.Remove("type");
        if (known.Length > 1)
            schema.TryAdd("anyOf", known.Select(static object? (name) => Typed(name)).ToList());
        if (names.Contains("null", StringComparer.Ordinal))
            schema["nullable"] = true;
    }

    private static Dictionary<string, object?> Typed(string name) => new(StringComparer.Ordinal) { ["type"] = name };

    private static void Describe(Dictionary<string, object?> schema)
    {
        schema.TryAdd("description", "");
        if (schema.TryGetValue("type", out object? type) && type is "object")
            schema.TryAdd("additionalProperties", true);
    }
}
