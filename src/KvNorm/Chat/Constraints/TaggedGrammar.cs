using System.Text.Json;
using KvNorm.Chat.Dialects;
using KvNorm.Grammars;

namespace KvNorm.Chat.Constraints;

/// <summary>Grammars of arguments that stand between marks, each for itself.</summary>
internal static class TaggedGrammar
{
    /// <summary>The rule of a tool's arguments: those it declares, in order; those that are not required may be missing.</summary>
    /// <param name="builder">Takes the rules.</param>
    /// <param name="format">How the model writes calls.</param>
    /// <param name="name">What the rule is about.</param>
    /// <param name="tool">The tool's schema, as <see cref="ArgumentSchema"/> gives it.</param>
    /// <param name="report">Told of what cannot be read of it.</param>
    public static string Arguments(GrammarBuilder builder, ToolCallFormat format, string name, JsonElement tool, Action<string> report)
    {
        if (ToolArguments.Declared(tool, report) is not { } declared)
            return builder.Define(name, $"({Any(builder, format)})*");
        return builder.Define(name, string.Join(' ', declared.Select(argument => Argument(argument.Property, argument.IsRequired))));

        string Argument(JsonProperty property, bool isRequired)
        {
            bool isText = IsText(tool, property);
            string key = GrammarBuilder.Literal(format.KeyStart + property.Name + format.KeyEndOf(isText));
            string value = isText ? TextValue(builder, format, property, report)
                : $"{builder.Schema(property.Name, property.Value, report: report)} {GrammarBuilder.Literal(format.ValueEnd)}";
            return $"({key} {value}){(isRequired ? "" : "?")}";
        }
    }

    private static string Any(GrammarBuilder builder, ToolCallFormat format) =>
        $"{GrammarBuilder.Literal(format.KeyStart)} [^<>\"\\n]+ {GrammarBuilder.Literal(format.KeyEnd)} {Text(builder, format)}";

    // A reference leads to what stands outside the property, so such a value is any text.
    private static bool IsText(JsonElement tool, JsonProperty property) =>
        ToolArguments.IsReferring(property.Value) || SchemaKinds.Parameter(tool, property.Name).IsPlain();

    private static string TextValue(GrammarBuilder builder, ToolCallFormat format, JsonProperty property, Action<string> report)
    {
        IReadOnlyList<JsonElement> choices = ToolArguments.Choices(property, report);
        if (choices.Count == 0)
            return Text(builder, format);
        string one = Gbnf.OneOf(choices.Select(static choice => GrammarBuilder.Literal(Written(choice))));
        return $"{one} {GrammarBuilder.Literal(format.ValueEnd)}";
    }

    private static string Written(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : ToolCallText.Json(value);

    private static string Text(GrammarBuilder builder, ToolCallFormat format)
    {
        string mark = format.ValueEnd.Trim('\n');
        string rest = format.ValueEnd.EndsWith('\n') ? " \"\\n\"" : "";
        return TextUntil.Define(builder, mark) + rest;
    }
}
