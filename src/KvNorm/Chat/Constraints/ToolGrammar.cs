using System.Text.Json;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Grammars;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Constraints;

/// <summary>Grammars of calls in the format of a model, their arguments by the schema of each tool.</summary>
internal static class ToolGrammar
{
    /// <summary>A grammar of answers that are calls and nothing else.</summary>
    /// <param name="format">How the model writes calls.</param>
    /// <param name="request">The tools, and which of them has to be called.</param>
    /// <param name="reasoningEnd">
    /// The mark that ends the reasoning which the prompt opened, and which comes first; null when it opened none.
    /// </param>
    /// <param name="report">Told of what cannot be read of the tools' schemas, which then allows anything.</param>
    public static Grammar Forced(ToolCallFormat format, ToolRequest request, string? reasoningEnd = null, Action<string>? report = null)
    {
        GrammarBuilder builder = new(closedObjects: true);
        string calls = Calls(builder, format, request, report);
        if (reasoningEnd is not null)
            calls = $"{TextUntil.Define(builder, reasoningEnd)} [\\n]{{0,2}} {calls}";
        return new Grammar(builder.Build(calls));
    }

    /// <summary>
    /// A grammar that holds from the mark of a call on; null for formats without one, where a call cannot be told from an answer in JSON.
    /// </summary>
    public static Grammar? Lazy(ToolCallFormat format, ToolRequest request, Action<string>? report = null)
    {
        if (format.Start.Length == 0)
            return null;
        GrammarBuilder builder = new(closedObjects: true);
        return new Grammar(builder.Build(Calls(builder, format, request, report)))
        {
            Triggers = [.. new[] { format.Open.Trim('\n'), format.Start }.Where(static mark => mark.Length > 0)],
        };
    }

    /// <summary>A grammar of answers without a call; null for formats whose calls have no mark.</summary>
    public static Grammar? Forbidden(ToolCallFormat format)
    {
        if (format.Starts.FirstOrDefault() is not { } mark)
            return null;
        GrammarBuilder builder = new();
        return new Grammar(builder.Build(TextUntil.DefineWithout(builder, mark)));
    }

    /// <summary>The calls that a request allows, as a part of a larger grammar.</summary>
    /// <returns>A sequence in GBNF.</returns>
    public static string Calls(GrammarBuilder builder, ToolCallFormat format, ToolRequest request, Action<string>? report = null)
    {
        IEnumerable<AIFunctionDeclaration> tools = request.Tools.Where(tool => request.Only is null || tool.Name == request.Only);
        LiteralTree calls = new([.. tools.Select(tool => Call(builder, format, tool, report))]);
        string call = builder.Define("call", calls.Body(builder));
        (string before, string after) = ToolCallText.Whole(format);
        string opening = before.Length == 0 ? "" : GrammarBuilder.Literal(before);
        if (format.Open.Length > 0)
            opening = $"({opening})?"; // an answer may begin with the mark of the first call
        string more = request.Many && !format.OneCall ? $"({Literal(format.Separator)} {call})*" : "";
        return $"{opening} {call} {more} {Literal(after)}".Trim();
    }

    private static (string Text, string After) Call(
        GrammarBuilder builder, ToolCallFormat format, AIFunctionDeclaration tool, Action<string>? report)
    {
        (string before, string after) = ToolCallText.Call(format, tool.Name);
        string arguments = format.Shape == CallShape.Tagged
            ? TaggedGrammar.Arguments(builder, format, tool, Report)
            : Arguments(builder, tool, Report);
        return (before, $"{arguments} {Literal(after)}".Trim());

        void Report(string problem) => report?.Invoke($"Of the tool '{tool.Name}': {problem}");
    }

    // Arguments are an object whatever else the schema leaves open.
    private static string Arguments(GrammarBuilder builder, AIFunctionDeclaration tool, Action<string> report)
    {
        JsonElement schema = tool.JsonSchema;
        if (schema.ValueKind != JsonValueKind.Object || !schema.EnumerateObject().Any())
            return builder.Object();
        if (TakesNothing(schema))
            return GrammarBuilder.Literal("{}");
        return builder.Schema(tool.Name + " arguments", Typed(schema), report: report);
    }

    /// <summary>
    /// Whether a function has no parameters: its schema declares none. What a small model would think up is of no use to it.
    /// </summary>
    public static bool TakesNothing(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out JsonElement properties)
        && properties.ValueKind == JsonValueKind.Object && !properties.EnumerateObject().Any()
        && !schema.TryGetProperty("additionalProperties", out _) && !schema.TryGetProperty("patternProperties", out _);

    // Whatever type it names, if any. How deep it may be nested is for its reader to say.
    private static JsonElement Typed(JsonElement schema)
    {
        if (schema.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("object"))
            return schema;
        IEnumerable<string> members = schema.EnumerateObject()
            .Where(static member => member.Name != "type")
            .Select(static member => $"\"{JsonEncodedText.Encode(member.Name)}\":{member.Value.GetRawText()}");
        string json = $"{{{string.Join(',', members.Prepend("\"type\":\"object\""))}}}";
        return JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = int.MaxValue });
    }

    private static string Literal(string text) => text.Length == 0 ? "" : GrammarBuilder.Literal(text);
}
