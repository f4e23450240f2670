using System.Text.Json;
using KvNorm.Server.Api;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Completions;

/// <summary>Reads the tools of a request. They are the client's: the server tells the model of them and never runs one.</summary>
internal static class ToolReader
{
    private const int MaximumNameLength = 128; // characters; OpenAI's own is 64

    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}""");

    /// <summary>Puts the tools and the choice into the options.</summary>
    /// <exception cref="ApiException">One of them is not what it should be.</exception>
    public static void Read(CompletionRequest request, ChatOptions options, FieldNames names, KvNormServerOptions limits)
    {
        IReadOnlyList<ToolDefinition?> tools = request.Tools ?? [];
        List<AIFunctionDeclaration> functions = [];
        for (int index = 0; index < tools.Count; index++)
            functions.Add(Read(tools[index], $"tools[{index}].", names.Function, functions, limits.MaximumSchemaBytes));
        options.Tools = functions.Count == 0 ? null : [.. functions];
        options.ToolMode = Mode(request.ToolChoice, functions);
    }

    private static AIFunctionDeclaration Read(
        ToolDefinition? tool, string field, string function, List<AIFunctionDeclaration> before, int maximumSchemaBytes)
    {
        if (tool?.Type != "function")
            throw ApiException.Unsupported(field + "type", "must be \"function\": this server runs no tools of its own.");
        string name = tool.Function?.Name ?? "";
        if (name.Length is 0 or > MaximumNameLength || name.Any(char.IsWhiteSpace))
            throw ApiException.Invalid(field + function + "name", $"must be 1 to {MaximumNameLength} characters without white space.");
        if (before.Exists(other => other.Name == name))
            throw ApiException.Invalid(field + function + "name", "is that of another tool.");
        JsonElement parameters = tool.Function!.Parameters;
        JsonElement schema = parameters.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
            ? NoParameters
            : SchemaLimit.Require(parameters, maximumSchemaBytes, field + function + "parameters");
        return AIFunctionFactory.CreateDeclaration(name, tool.Function.Description, schema);
    }

    private static ChatToolMode? Mode(ToolChoice? choice, List<AIFunctionDeclaration> functions)
    {
        switch (choice)
        {
            case null:
                return null;
            case { Mode: "auto", Function: null }:
                return ChatToolMode.Auto;
            case { Mode: "none", Function: null }:
                return ChatToolMode.None;
            case { Mode: "required", Function: null } when functions.Count > 0:
                return ChatToolMode.RequireAny;
            case { Mode: "required", Function: null }:
                throw ApiException.Invalid("tool_choice", "requires a call, but there are no tools.");
            case { Mode: "function", Function: { } name }:
                return functions.Exists(function => function.Name == name)
                    ? ChatToolMode.RequireSpecific(name)
                    : throw ApiException.Invalid("tool_choice", "requires a function that is not among the tools.");
            default:
                throw ApiException.Invalid("tool_choice", "must be none, auto, required or a function.");
        }
    }
}
