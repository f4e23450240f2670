using System.Text.Json;

namespace KvNorm.Chat.Dialects;

/// <summary>Reads the kinds of values that a schema allows.</summary>
internal static class SchemaKinds
{
    private const int DeepestSchema = 16; // schemas within schemas, and references through references

    /// <summary>Whether a value is written as plain text: the schema says something, and allows text.</summary>
    public static bool IsPlain(this ValueKinds kinds) => kinds.HasFlag(ValueKinds.Text) && kinds != ValueKinds.Any;

    /// <summary>What a parameter of a tool may be.</summary>
    /// <param name="tool">The schema of the tool's parameters.</param>
    /// <param name="parameter">The parameter's name.</param>
    public static ValueKinds Parameter(JsonElement tool, string parameter)
    {
        try
        {
            return Member(tool, "properties") is { } properties && Member(properties, parameter) is { } schema
                ? Schema(schema, tool, new(StringComparer.Ordinal), 0)
                : ValueKinds.Any;
        }
        catch (InvalidOperationException)
        {
            return ValueKinds.Any; // half a surrogate pair, with which the schema is left open
        }
    }

    private static ValueKinds Schema(JsonElement schema, JsonElement root, Dictionary<string, ValueKinds> known, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > DeepestSchema)
            return ValueKinds.Any;
        ValueKinds kinds = Types(schema) & Values(schema) & Union("anyOf") & Union("oneOf");
        if (Member(schema, "$ref") is { ValueKind: JsonValueKind.String } reference)
            kinds &= Target(reference.GetString()!);
        foreach (JsonElement part in Items(schema, "allOf"))
            kinds &= Schema(part, root, known, depth + 1);
        return Member(schema, "nullable") is { ValueKind: JsonValueKind.True } ? kinds | ValueKinds.Null : kinds;

        ValueKinds Union(string key) => Sum(Items(schema, key), part => Schema(part, root, known, depth + 1));

        // Each is followed once: references lead to each other, and back to themselves.
        ValueKinds Target(string name)
        {
            if (!known.TryAdd(name, ValueKinds.Any))
                return known[name];
            return known[name] = SchemaKinds.Target(root, name) is { } target ? Schema(target, root, known, depth + 1) : ValueKinds.Any;
        }
    }

    private static ValueKinds Types(JsonElement schema) => Member(schema, "type") switch
    {
        { ValueKind: JsonValueKind.String } type => Named(type),
        { ValueKind: JsonValueKind.Array } => Sum(Items(schema, "type"), Named),
        _ => ValueKinds.Any,
    };

    private static ValueKinds Named(JsonElement type) => type.ValueKind != JsonValueKind.String ? ValueKinds.Any : type.GetString() switch
    {
        "string" => ValueKinds.Text,
        "null" => ValueKinds.Null,
        "number" or "integer" or "boolean" => ValueKinds.Scalar,
        "object" or "array" => ValueKinds.Structure,
        _ => ValueKinds.Any,
    };

    private static ValueKinds Values(JsonElement schema) =>
        Sum(Items(schema, "enum"), Kind) & (Member(schema, "const") is { } only ? Kind(only) : ValueKinds.Any);

    private static ValueKinds Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => ValueKinds.Text,
        JsonValueKind.Null => ValueKinds.Null,
        JsonValueKind.Object or JsonValueKind.Array => ValueKinds.Structure,
        _ => ValueKinds.Scalar,
    };

    private static ValueKinds Sum(IEnumerable<JsonElement> parts, Func<JsonElement, ValueKinds> kind)
    {
        ValueKinds sum = parts.Aggregate(ValueKinds.None, (all, part) => all | kind(part));
        return sum == ValueKinds.None ? ValueKinds.Any : sum;
    }

    private static JsonElement? Target(JsonElement root, string reference)
    {
        if (!reference.StartsWith("#/", StringComparison.Ordinal))
            return null;
        JsonElement? target = root;
        foreach (string step in reference[2..].Split('/'))
        {
            string key = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            target = target is { } inside ? Member(inside, key) : null;
        }

        return target;
    }

    private static JsonElement[] Items(JsonElement schema, string key) =>
        Member(schema, key) is { ValueKind: JsonValueKind.Array } items ? [.. items.EnumerateArray()] : [];

    private static JsonElement? Member(JsonElement value, string key) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(key, out JsonElement member) ? member : null;
}
