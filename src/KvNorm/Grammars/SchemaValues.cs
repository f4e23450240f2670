using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>The values that a schema lists by "enum" or "const".</summary>
internal static class SchemaValues
{
    // By the values that they are about.
    private static readonly Dictionary<string, JsonValueKind> Others = new(StringComparer.Ordinal)
    {
        ["pattern"] = JsonValueKind.String, ["format"] = JsonValueKind.String, ["contentEncoding"] = JsonValueKind.String,
        ["properties"] = JsonValueKind.Object, ["additionalProperties"] = JsonValueKind.Object, ["propertyNames"] = JsonValueKind.Object,
        ["items"] = JsonValueKind.Array, ["prefixItems"] = JsonValueKind.Array, ["additionalItems"] = JsonValueKind.Array,
    };

    /// <summary>
    /// The listed values that are of the schema's types and within its bounds and lengths, and have what it requires; null when it lists
    /// none.
    /// </summary>
    public static IReadOnlyList<JsonElement>? Of(Schema schema)
    {
        IEnumerable<JsonElement>? values = schema["enum"] switch
        {
            null => null,
            { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(),
            _ => throw SchemaError.At(SchemaError.Child(schema.Pointer, "enum"), "must be an array of values."),
        };
        if (schema["const"] is { } only)
            values = values is null ? [only] : values.Where(value => JsonElement.DeepEquals(value, only));
        if (values is null)
            return null;
        JsonTypes types = schema["type"] is null ? JsonTypes.Any : schema.Types;
        return [.. values.Where(value => IsOf(value, types) && IsWithin(value, schema))];
    }

    /// <summary>The keywords beside a list of values that are about one of them and that the list is not held to.</summary>
    public static IEnumerable<string> Unsaid(Schema schema) => Unsaid(schema, Of(schema));

    /// <inheritdoc cref="Unsaid(Schema)"/>
    /// <param name="schema">The schema.</param>
    /// <param name="values">The values that it lists; null for none.</param>
    public static IEnumerable<string> Unsaid(Schema schema, IReadOnlyList<JsonElement>? values) => values is not null
        ? schema.Keywords.Keys.Where(keyword => Others.TryGetValue(keyword, out JsonValueKind kind)
            && values.Any(value => value.ValueKind == kind)
            && !(keyword == "format" && StringFormats.IsFree(schema)))
        : [];

    /// <summary>What is wrong with a list of which nothing is left.</summary>
    public static ArgumentException Nothing(Schema schema) => SchemaError.At(schema.Pointer, "lists no value that it allows.");

    /// <summary>Whether a schema lists values and has a keyword beside them.</summary>
    public static bool IsListed(Schema schema, string keyword) =>
        (schema["enum"] is not null || schema["const"] is not null) && schema[keyword] is not null;

    /// <summary>A value as GBNF, its strings spelled in the shortest way.</summary>
    public static string Text(GrammarBuilder builder, JsonElement value)
    {
        string space = JsonRules.Space(builder);
        return value.ValueKind switch
        {
            JsonValueKind.Object => Enclose(
                "{",
                value.EnumerateObject()
                    .Select(member => $"{Gbnf.Literal(JsonCharacters.Quote(member.Name) + ":")} {space} {Text(builder, member.Value)}"),
                "}"),
            JsonValueKind.Array => Enclose("[", value.EnumerateArray().Select(item => Text(builder, item)), "]"),
            JsonValueKind.String => Gbnf.Literal(JsonCharacters.Quote(value.GetString()!)),
            _ => Gbnf.Literal(value.GetRawText()),
        };

        string Enclose(string open, IEnumerable<string> parts, string close)
        {
            string inner = string.Join($" \",\" {space} ", parts);
            return inner.Length == 0 ? $"\"{open}\" {space} \"{close}\"" : $"\"{open}\" {space} {inner} {space} \"{close}\"";
        }
    }

    private static bool IsOf(JsonElement value, JsonTypes types) => value.ValueKind switch
    {
        JsonValueKind.Object => types.HasFlag(JsonTypes.Object),
        JsonValueKind.Array => types.HasFlag(JsonTypes.Array),
        JsonValueKind.String => types.HasFlag(JsonTypes.String),
        JsonValueKind.True or JsonValueKind.False => types.HasFlag(JsonTypes.Boolean),
        JsonValueKind.Null => types.HasFlag(JsonTypes.Null),
        _ => types.HasFlag(JsonTypes.Number)
            || (types.HasFlag(JsonTypes.Integer) && value.TryGetDouble(out double number) && number == Math.Floor(number)),
    };

    private static bool IsWithin(JsonElement value, Schema schema) => value.ValueKind switch
    {
        JsonValueKind.String =>
            IsBetween(schema.Count("minLength"), value.GetString()!.EnumerateRunes().Count(), schema.Count("maxLength")),
        JsonValueKind.Array => IsBetween(schema.Count("minItems"), value.GetArrayLength(), schema.Count("maxItems")),
        JsonValueKind.Object => schema["required"] is not { ValueKind: JsonValueKind.Array } names || HasAll(value, names),
        JsonValueKind.Number => IsNumberWithin(value, schema),
        _ => true,
    };

    private static bool HasAll(JsonElement value, JsonElement names)
    {
        HashSet<string> members = [.. value.EnumerateObject().Select(static member => member.Name)]; // both may be long
        return names.EnumerateArray().All(name => name.ValueKind != JsonValueKind.String || members.Contains(name.GetString()!));
    }

    private static bool IsBetween(int? least, int count, int? most) => !(count < least) && !(count > most);

    private static bool IsNumberWithin(JsonElement number, Schema schema) =>
        !(schema["minimum"] is { } least && SchemaMerge.IsLess(number, least))
        && !(schema["maximum"] is { } most && SchemaMerge.IsLess(most, number))
        && (schema["exclusiveMinimum"] is not { } above || SchemaMerge.IsLess(above, number))
        && (schema["exclusiveMaximum"] is not { } below || SchemaMerge.IsLess(number, below))
        && (NumberFormats.Bounds(schema.Text("format")) is not (decimal first, decimal last)
            || (number.TryGetDecimal(out decimal value) && first <= value && value <= last));
}
