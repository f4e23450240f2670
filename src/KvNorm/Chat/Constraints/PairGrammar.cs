using System.Text.Json;
using KvNorm.Chat.Dialects;
using KvNorm.Grammars;

namespace KvNorm.Chat.Constraints;

/// <summary>Grammars of arguments that stand as names and values in brackets.</summary>
internal static class PairGrammar
{
    /// <summary>The rule of a tool's arguments: those it declares, in order; those that are not required may be missing.</summary>
    /// <param name="builder">Takes the rules.</param>
    /// <param name="syntax">How the model writes them.</param>
    /// <param name="name">What the rule is about.</param>
    /// <param name="tool">The tool's schema, as <see cref="ArgumentSchema"/> gives it.</param>
    /// <param name="report">Told of what cannot be read of it.</param>
    public static string Arguments(GrammarBuilder builder, PairSyntax syntax, string name, JsonElement tool, Action<string> report)
    {
        if (ToolArguments.Declared(tool, report) is not { } declared)
            return builder.Define(name, $"({Listed(syntax, AnyPair(builder, syntax))})?");
        string separator = GrammarBuilder.Literal(syntax.Separator);
        // From the last one on: what may follow when nothing, or something, stands before it.
        (string First, string Later) rest = ("", "");
        foreach ((JsonProperty property, bool isRequired) in declared.Reverse())
        {
            string key = GrammarBuilder.Literal(PairText.Key(property.Name) + syntax.Middle);
            string pair = key + " " + Value(builder, syntax, tool, property, report);
            string first = $"{pair} {rest.Later}", later = $"{separator} {pair} {rest.Later}";
            rest = isRequired
                ? (first, later)
                : (builder.Define(property.Name, Either(first, rest.First)), builder.Define(property.Name, Either(later, rest.Later)));
        }

        return builder.Define(name, rest.First);
    }

    private static string Either(string one, string other) => $"{one} | {(other.Length == 0 ? "\"\"" : other)}";

    private static string Listed(PairSyntax syntax, string item) => $"{item} ({GrammarBuilder.Literal(syntax.Separator)} {item})*";

    private static string AnyPair(GrammarBuilder builder, PairSyntax syntax) =>
        $"[a-zA-Z_] [a-zA-Z0-9_]* {GrammarBuilder.Literal(syntax.Middle)} {AnyValue(builder, syntax)}";

    private static string Value(
        GrammarBuilder builder, PairSyntax syntax, JsonElement tool, JsonProperty property, Action<string> report)
    {
        if (ToolArguments.IsReferring(property.Value))
            return AnyValue(builder, syntax);
        ValueKinds kinds = SchemaKinds.Parameter(tool, property.Name);
        if (syntax.TextQuote.Length == 0 || (kinds & (ValueKinds.Text | ValueKinds.Structure)) == ValueKinds.None)
            return builder.Schema(property.Name, property.Value, report: report);
        if (ToolArguments.Choices(property, report) is { Count: > 0 } choices)
            return Gbnf.OneOf(choices.Select(choice => GrammarBuilder.Literal(Quoted(syntax, choice))));
        return kinds == ValueKinds.Text ? Text(builder, syntax) : AnyValue(builder, syntax);
    }

    private static string Quoted(PairSyntax syntax, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? syntax.TextQuote + value.GetString() + syntax.TextQuote : ToolCallText.Json(value);

    private static string Text(GrammarBuilder builder, PairSyntax syntax) =>
        $"{GrammarBuilder.Literal(syntax.TextQuote)} {TextUntil.Define(builder, syntax.TextQuote)}";

    // The bounds of a schema are for JSON, in which text has other quotes.
    private static string AnyValue(GrammarBuilder builder, PairSyntax syntax) => syntax.TextQuote.Length == 0
        ? builder.Json()
        : builder.Shared("pair value", () =>
        {
            string value = builder.Reserve("value");
            string scalar = builder.Schema("scalar", JsonElement.Parse("""{"type":["number","boolean","null"]}"""));
            string pair = $"[a-zA-Z0-9_-]+ \":\" {value}";
            string list = $"\"[\" ({value} (\",\" {value})*)? \"]\"", map = $"\"{{\" ({pair} (\",\" {pair})*)? \"}}\"";
            builder.Complete(value, $"{Text(builder, syntax)} | {scalar} | {list} | {map}");
            return value;
        });
}
