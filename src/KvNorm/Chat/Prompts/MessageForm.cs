using System.Text.Json;
using KvNorm.Chat.Dialects;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Prompts;

/// <summary>How a template wants a message to be written as a mapping.</summary>
/// <param name="ReasoningKey">The key of thoughts.</param>
/// <param name="IdLength">The letters and digits that ids of calls must have; 0 for any.</param>
internal sealed record MessageForm(string ReasoningKey, int IdLength)
{
    /// <summary>Gets whether thoughts are a part of the content, beside the text.</summary>
    public bool ReasoningIsPart { get; init; }

    /// <summary>Gets whether every content is a list of parts.</summary>
    public bool TextIsPart { get; init; }

    /// <summary>Gets whether the arguments of calls are JSON text rather than a mapping.</summary>
    public bool ArgumentsAreText { get; init; }

    /// <summary>Gets whether a message of calls has no content when it has no text.</summary>
    public bool EmptyIsNone { get; init; }

    /// <summary>A message as a template's variable.</summary>
    public Dictionary<string, object?> Write(TemplateMessage message)
    {
        Dictionary<string, object?> written = new(StringComparer.Ordinal) { ["role"] = message.Role, ["content"] = Content(message) };
        if (message.Reasoning.Length > 0 && !ReasoningIsPart)
            written[ReasoningKey] = message.Reasoning;
        if (message.Calls.Count > 0)
            written["tool_calls"] = message.Calls.Select(Call).ToList();
        if (message.CallId is { } id)
            (written["tool_call_id"], written["name"]) = (CallIds.Fit(id, IdLength), message.ToolName);
        if (message.Tools is { } tools)
            written["tools"] = tools;
        return written;
    }

    /// <summary>The arguments of a call as JSON.</summary>
    public static JsonElement Arguments(FunctionCallContent call) =>
        JsonSerializer.SerializeToElement(
            call.Arguments ?? new Dictionary<string, object?>(StringComparer.Ordinal),
            AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>)));

    private static Dictionary<string, object?> Part(string type, string text) =>
        new(StringComparer.Ordinal) { ["type"] = type, [type] = text };

    private object? Content(TemplateMessage message)
    {
        bool hasThought = ReasoningIsPart && message.Reasoning.Length > 0;
        if (!hasThought && !TextIsPart)
            return EmptyIsNone && message.Text.Length == 0 && message.Calls.Count > 0 ? null : message.Text;
        List<object?> parts = [];
        if (hasThought)
            parts.Add(Part("thinking", message.Reasoning));
        if (message.Text.Length > 0 || !hasThought)
            parts.Add(Part("text", message.Text));
        return parts;
    }

    private Dictionary<string, object?> Call(FunctionCallContent call) => new(StringComparer.Ordinal)
    {
        ["id"] = CallIds.Fit(call.CallId, IdLength),
        ["type"] = "function",
        ["function"] = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["name"] = call.Name,
            ["arguments"] = ArgumentsAreText ? ToolCallText.Json(Arguments(call)) : Arguments(call),
        },
    };
}
