using System.Text.Json;
using KvNorm.Chat.Dialects;
using KvNorm.Grammars;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Constraints;

/// <summary>Grammars of arguments that stand between marks, each for itself.</summary>
internal static class TaggedGrammar
{
    /// <summary>The rule of a tool's arguments: those it declares, in order; those that are not required may be missing.</summary>
    public static string Arguments(GrammarBuilder builder, ToolCallFormat format, AIFunctionDeclaration tool, Action<string> report)
    {
        JsonElement schema = tool.JsonSchema;
        if (schema.ValueKind != JsonValueKind.Object
            || !schema.TryGetProperty("properties", out JsonElement properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return builder.Define(tool.Name + " arguments", $"({Any(builder, format)})*");
        }

        HashSet<string> required = Required(schema);
        IEnumerable<JsonProperty> possible =
            properties.EnumerateObject().Where(static property => property.Value.ValueKind != JsonValueKind.False);
        return builder.Define(tool.Name + " arguments", string.Join(' ', possible.Select(Argument)));

        string Argument(JsonProperty property)
        {
            string key = GrammarBuilder.Literal(format.KeyStart + property.Name + format.KeyEnd);
            return $"({key} {Value(builder, format, property, report)}){(required.Contains(property.Name) ? "" : "?")}";
        }
    }

    private static HashSet<string> Required(JsonElement schema) =>
        schema.TryGetProperty("required", out JsonElement names) ? [.. Strings(names)] : [];

    private static IEnumerable<string> Strings(JsonElement array) => array.ValueKind == JsonValueKind.Array
        ? array.EnumerateArray().Where(static value => value.ValueKind == JsonValueKind.String).Select(static value => value.GetString()!)
        : [];

    private static string Any(GrammarBuilder builder, ToolCallFormat format) =>
        $"{GrammarBuilder.Literal(format.KeyStart)} [^<>\"\\n]+ {GrammarBuilder.Literal(format.KeyEnd)} {Text(builder, format)}";

    // A reference leads to what stands outside the property, so such a value is any text.
    private static string Value(GrammarBuilder builder, ToolCallFormat format, JsonProperty property, Action<string> report)
    {
        JsonElement schema = property.Value;
        if (schema.GetRawText().Contains("\"$ref\"", StringComparison.Ordinal))
            return Text(builder, format);
        if (!ToolCallText.IsPlain(schema))
            return $"{builder.Schema(property.Name, schema, report: report)} {GrammarBuilder.Literal(format.ValueEnd)}";
        string[] choices = Choices(schema);
        return choices.Length == 0 ? Text(builder, format) : $"{Gbnf.OneOf(choices)} {GrammarBuilder.Literal(format.ValueEnd)}";
    }

    private static string[] Choices(JsonElement schema) =>
        schema.TryGetProperty("enum", out JsonElement values) ? [.. Strings(values).Select(GrammarBuilder.Literal)] : [];

    private static string Text(GrammarBuilder builder, ToolCallFormat format)
    {
        string mark = format.ValueEnd.Trim('\n');
        string rest = format.ValueEnd.EndsWith('\n') ? " \"\\n\"" : "";
        return TextUntil.Define(builder, mark) + rest;
    }
}
