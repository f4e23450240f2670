using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>The values that a schema lists by "enum" or "const".</summary>
internal static class SchemaValues
{
    /// <summary>The listed values that are of the schema's types; null when it lists none.</summary>
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
        return [.. values.Where(value => IsOf(value, types))];
    }

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
}
