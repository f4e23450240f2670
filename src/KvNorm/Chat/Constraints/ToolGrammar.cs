using System.Text.Json;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Grammars;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Constraints;

/// <summary>Grammars of calls in the format of a model, their arguments by the schema of each tool.</summary>
internal static class ToolGrammar
{
    private const string AnyText = "[^\\x00]*";

    /// <summary>A grammar of answers that are calls and nothing else, but for the reasoning before them.</summary>
    /// <param name="format">How the model writes calls.</param>
    /// <param name="request">The tools, and which of them has to be called.</param>
    /// <param name="reasoning">How it reasons; null when it does not do so aloud.</param>
    /// <param name="beginning">Where the answer begins.</param>
    /// <param name="report">Told of what cannot be read of the tools' schemas, which then allows anything.</param>
    public static Grammar Forced(
        ToolCallFormat format,
        ToolRequest request,
        ReasoningFormat? reasoning = null,
        AnswerBeginning beginning = default,
        Action<string>? report = null)
    {
        GrammarBuilder builder = new(closedObjects: true);
        string calls = Calls(builder, format, request, beginning.InCall, report);
        return new Grammar(builder.Build(ThoughtGrammar.Before(builder, reasoning, beginning) + calls));
    }

    /// <summary>
    /// A grammar of answers that are calls or text. It holds from the mark of a call on, which the prompt may have written, but not where a
    /// thought only speaks of it; null for formats without one, where a call cannot be told from an answer in JSON.
    /// </summary>
    public static Grammar? Free(
        ToolCallFormat format,
        ToolRequest request,
        ReasoningFormat? reasoning = null,
        AnswerBeginning beginning = default,
        Action<string>? report = null)
    {
        if (format.Start.Length == 0)
            return null;
        GrammarBuilder builder = new(closedObjects: true);
        string calls = Calls(builder, format, request, beginning.InCall, report);
        if (beginning.InCall)
            return new Grammar(builder.Build($"{calls} | {TextStart(format, beginning)}{AnyText}"));
        return new Grammar(builder.Build(calls))
        {
            Triggers = [.. new[] { format.Open.Trim('\n'), format.Start }.Where(static mark => mark.Length > 0)],
            Pause = reasoning is null
                ? null
                : new TriggerPause(reasoning.Start, [reasoning.End, .. reasoning.Others], beginning.InReasoning),
        };
    }

    /// <summary>A grammar of answers without a call; null for formats whose calls have no mark.</summary>
    public static Grammar? Forbidden(ToolCallFormat format, AnswerBeginning beginning = default)
    {
        if (format.Starts.FirstOrDefault() is not { } mark)
            return null;
        GrammarBuilder builder = new();
        return new Grammar(builder.Build(TextStart(format, beginning) + TextUntil.DefineWithout(builder, mark)));
    }

    /// <summary>What stands before text where the prompt wrote the mark of a call; empty elsewhere.</summary>
    /// <returns>A sequence in GBNF.</returns>
    public static string TextStart(ToolCallFormat format, AnswerBeginning beginning) =>
        beginning.InCall && format.TextName.Length > 0 ? GrammarBuilder.Literal(format.TextName + format.AfterName) + " " : "";

    /// <summary>The calls that a request allows, as a part of a larger grammar.</summary>
    /// <returns>A sequence in GBNF.</returns>
    public static string Calls(
        GrammarBuilder builder, ToolCallFormat format, ToolRequest request, bool inCall = false, Action<string>? report = null)
    {
        IEnumerable<AIFunctionDeclaration> tools = request.Tools.Where(tool => request.Only is null || tool.Name == request.Only);
        LiteralTree calls = new([.. tools.Select(tool => Call(builder, format, tool, report))]);
        string call = builder.Define("call", calls.Body(builder));
        (string before, string after) = ToolCallText.Whole(format);
        string opening = Literal(before);
        if (format.Open.Length > 0)
            opening = $"({opening})?"; // an answer may begin with the mark of the first call
        string start = format.IsList ? "" : Literal(format.Start);
        string more = request.Many && !format.OneCall ? $"({Literal(format.Separator)} {start} {call})*" : "";
        return (inCall ? $"{call} {more} {Literal(after)}" : $"{opening} {start} {call} {more} {Literal(after)}").Trim();
    }

    // Without the mark that begins it, which the prompt may have written.
    private static (string Text, string After) Call(
        GrammarBuilder builder, ToolCallFormat format, AIFunctionDeclaration tool, Action<string>? report)
    {
        (string before, string after) = ToolCallText.Call(format, tool.Name);
        JsonElement schema = ArgumentSchema.Of(tool, Report);
        string rule = tool.Name + " arguments";
        string arguments = format.Shape switch
        {
            CallShape.Tagged => TaggedGrammar.Arguments(builder, format, rule, schema, Report),
            CallShape.Pairs or CallShape.PairsList => PairGrammar.Arguments(builder, format.Pairs, rule, schema, Report),
            _ => Arguments(builder, rule, schema, Report),
        };
        (string text, string id) = Before(format, before);
        return (text, $"{id} {arguments} {Literal(after)}".Trim());

        void Report(string problem) => report?.Invoke($"Of the tool '{tool.Name}': {problem}");
    }

    // The model counts its calls, or makes ids up: the text up to there, and what follows it as a rule.
    private static (string Text, string Id) Before(ToolCallFormat format, string before)
    {
        if (!format.IsList)
            before = before[format.Start.Length..];
        int at = format.Id is { } id ? before.LastIndexOf(id.Sample, StringComparison.Ordinal) : -1;
        return at < 0 ? (before, "") : (before[..at], $"{format.Id!.Rule} {Literal(before[(at + format.Id.Sample.Length)..])}");
    }

    // Arguments are an object whatever else the schema leaves open.
    private static string Arguments(GrammarBuilder builder, string name, JsonElement schema, Action<string> report)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.EnumerateObject().Any())
            return builder.Object();
        if (TakesNothing(schema))
            return GrammarBuilder.Literal("{}");
        return builder.Schema(name, Typed(schema), report: report);
    }

    /// <summary>
    /// Whether a function has no parameters: its schema declares none, nor asks for any. What a small model would think up is of no use to
    /// it.
    /// </summary>
    public static bool TakesNothing(JsonElement schema) =>
        ToolArguments.Declared(schema) is { Count: 0 }
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
