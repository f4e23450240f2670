using System.Text.Json;
using KvNorm.Server.Api;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Completions;

/// <summary>Reads the messages of a request as the chat client takes them.</summary>
internal static class MessageReader
{
    /// <summary>The messages.</summary>
    /// <exception cref="ApiException">There are none, or one of them is not what it should be.</exception>
    public static ChatMessage[] Read(IReadOnlyList<CompletionMessage?>? messages)
    {
        if (messages is not { Count: > 0 })
            throw ApiException.Invalid("messages", "must hold at least one message.", "missing_required_parameter");
        return [.. messages.Select(static (message, index) => Read(message, $"messages[{index}]"))];
    }

    /// <summary>One message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="field">Where it stands in the request.</param>
    /// <exception cref="ApiException">It is not what it should be.</exception>
    public static ChatMessage Read(CompletionMessage? message, string field)
    {
        if (message is null)
            throw ApiException.Invalid(field, "must be an object.");
        ChatRole role = message.Role switch
        {
            "system" or "developer" => ChatRole.System,
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            "tool" => ChatRole.Tool,
            _ => throw ApiException.Invalid($"{field}.role", "must be system, developer, user, assistant or tool."),
        };
        List<AIContent> contents = role == ChatRole.Tool ? [Result(message, field)] : Texts(message.Content, $"{field}.content");
        if (role == ChatRole.Assistant)
            AddAnswer(contents, message, field);
        else if (message.ToolCalls is not null)
            throw ApiException.Invalid($"{field}.tool_calls", "belongs to messages of the assistant.");
        if (contents.Count == 0 && role != ChatRole.Assistant)
            throw ApiException.Missing($"{field}.content");
        return new ChatMessage(role, contents);
    }

    private static FunctionResultContent Result(CompletionMessage message, string field)
    {
        if (string.IsNullOrEmpty(message.ToolCallId))
            throw ApiException.Missing($"{field}.tool_call_id");
        List<AIContent> texts = Texts(message.Content, $"{field}.content");
        return new FunctionResultContent(message.ToolCallId, string.Concat(texts.Cast<TextContent>().Select(static text => text.Text)));
    }

    private static List<AIContent> Texts(MessageContent? content, string field) =>
        [.. content?.Parts.Select((part, index) => Text(part, $"{field}[{index}]")) ?? []];

    private static TextContent Text(ContentPart? part, string field) => part switch
    {
        { Type: "text" or "input_text" or "output_text", Text: { } text } => new TextContent(text),
        { Type: "refusal", Refusal: { } refusal } => new TextContent(refusal),
        { Type: "text" or "input_text" or "output_text" or "refusal" } => throw ApiException.Invalid(field, "has no text."),
        _ => throw new ApiException(
            StatusCodes.Status422UnprocessableEntity,
            "unsupported_content",
            $"'{field}.type': the model reads text only.",
            $"{field}.type"),
    };

    private static void AddAnswer(List<AIContent> contents, CompletionMessage message, string field)
    {
        if (message.ReasoningContent is { Length: > 0 } reasoning)
            contents.Insert(0, new TextReasoningContent(reasoning));
        if (message.Refusal is { Length: > 0 } refusal)
            contents.Add(new TextContent(refusal));
        HashSet<string> ids = new(StringComparer.Ordinal);
        for (int index = 0; index < (message.ToolCalls?.Count ?? 0); index++)
        {
            FunctionCallContent call = Call(message.ToolCalls![index], $"{field}.tool_calls[{index}]");
            if (!ids.Add(call.CallId))
                throw ApiException.Invalid($"{field}.tool_calls[{index}].id", "is that of another call of this message.");
            contents.Add(call);
        }
    }

    private static FunctionCallContent Call(ToolCall? call, string field)
    {
        if (call?.Type is not (null or "function"))
            throw ApiException.Unsupported($"{field}.type");
        if (string.IsNullOrEmpty(call?.Id))
            throw ApiException.Missing($"{field}.id");
        if (string.IsNullOrEmpty(call.Function?.Name))
            throw ApiException.Missing($"{field}.function.name");
        return CallArguments.Read(call.Id, call.Function.Name, call.Function.Arguments, $"{field}.function.arguments");
    }
}
