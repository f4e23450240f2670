using System.Text;
using System.Text.Json;
using KvNorm.Chat.Dialects;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Prompts;

/// <summary>Tools as a model is told of them.</summary>
internal static class ToolPrompt
{
    /// <summary>The variable "tools" of a chat template.</summary>
    /// <param name="tools">The tools.</param>
    /// <param name="needs">What the template cannot do without in their schemas.</param>
    public static IReadOnlyList<object?> ForTemplate(IReadOnlyList<AIFunctionDeclaration> tools, SchemaNeeds needs)
    {
        ToolSchema schema = new(needs);
        return [.. tools.Select(tool => Function(tool, schema))];
    }

    /// <summary>The tools as a JSON array, for templates that take them as text.</summary>
    public static string ForSystemMessage(IReadOnlyList<AIFunctionDeclaration> tools) => "[" + string.Join(", ", tools.Select(Line)) + "]";

    /// <summary>
    /// The system text for models whose template takes no tools. It says nothing of the tool mode, which a grammar enforces: another text
    /// for another mode would have the whole conversation behind it prefilled again.
    /// </summary>
    public static string Text(IReadOnlyList<AIFunctionDeclaration> tools)
    {
        StringBuilder text = new("You can call tools. ");
        text.Append("Each line below is one tool: its name, what it does, and the JSON schema of its arguments.\n");
        foreach (AIFunctionDeclaration tool in tools)
            text.Append(Line(tool)).Append('\n');
        text.Append("\nTo call a tool, write this and nothing else; to call several, write one such block for each:\n");
        text.Append("<tool_call>\n{\"name\": \"<name of the tool>\", \"arguments\": {<its arguments as JSON>}}\n</tool_call>\n");
        text.Append($"The result comes back to you between {ToolCallFormat.ResultStart} and {ToolCallFormat.ResultEnd}.\n");
        text.Append("Call a tool when you need it to answer. ");
        text.Append("Otherwise, and when you have the results that you need, answer in plain words without a call.");
        return text.ToString();
    }

    private static string Line(AIFunctionDeclaration tool) =>
        $"{{\"name\": {ToolCallText.Quote(tool.Name)}, \"description\": {ToolCallText.Quote(tool.Description)}, "
        + $"\"parameters\": {ToolCallText.Json(Parameters(tool))}}}";

    private static Dictionary<string, object?> Function(AIFunctionDeclaration tool, ToolSchema schema) =>
        new(StringComparer.Ordinal) { ["type"] = "function", ["function"] = Described(tool, schema) };

    private static Dictionary<string, object?> Described(AIFunctionDeclaration tool, ToolSchema schema) => new(StringComparer.Ordinal)
    {
        ["name"] = tool.Name,
        ["description"] = tool.Description,
        ["parameters"] = schema.Write(tool.JsonSchema),
    };

    // A schema that says nothing is an object without any properties.
    private static JsonElement Parameters(AIFunctionDeclaration tool) =>
        tool.JsonSchema.ValueKind == JsonValueKind.Object && tool.JsonSchema.EnumerateObject().Any()
            ? tool.JsonSchema
            : JsonElement.Parse("""{"type":"object","properties":{}}""");
}
