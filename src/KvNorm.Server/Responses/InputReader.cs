using KvNorm.Server.Api;
using KvNorm.Server.Completions;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Responses;

/// <summary>Reads the input of a request as the chat client takes it.</summary>
internal static class InputReader
{
    private const string Field = "input";

    /// <summary>The messages that the items come to; what the assistant said, thought and called in a row is one.</summary>
    /// <exception cref="ApiException">There is no item, or one is not what it should be.</exception>
    public static List<ChatMessage> Read(ResponseInput? input)
    {
        if (input is not { Items.Count: > 0 })
            throw ApiException.Missing(Field);
        return AssistantTurns.Join(input.Items.Select(static (item, index) => Read(item, $"{Field}[{index}]")));
    }

    private static ChatMessage Read(InputItem? item, string field) => item switch
    {
        null => throw ApiException.Invalid(field, "must be an object."),
        { Type: null or "message" } => MessageReader.Read(new CompletionMessage { Role = item.Role, Content = item.Content }, field),
        { Type: "function_call" } => new ChatMessage(ChatRole.Assistant, [Call(item, field)]),
        { Type: "function_call_output" } => new ChatMessage(ChatRole.Tool, [Result(item, field)]),
        { Type: "reasoning" } => new ChatMessage(ChatRole.Assistant, [.. Reasoning(item)]),
        _ => throw ApiException.Unsupported($"{field}.type"),
    };

    private static FunctionCallContent Call(InputItem item, string field)
    {
        string name = item.Name is { Length: > 0 } given ? given : throw ApiException.Missing($"{field}.name");
        return CallArguments.Read(Id(item, field), name, item.Arguments, $"{field}.arguments");
    }

    private static FunctionResultContent Result(InputItem item, string field) => new(
        Id(item, field),
        string.Concat(item.Output?.Parts.Select((part, index) => part?.Text
            ?? throw ApiException.Invalid($"{field}.output[{index}]", "has no text.")) ?? []));

    private static string Id(InputItem item, string field) =>
        item.CallId is { Length: > 0 } id ? id : throw ApiException.Missing($"{field}.call_id");

    private static IEnumerable<TextReasoningContent> Reasoning(InputItem item) => item.Content?.Parts
        .Where(static part => part?.Text is { Length: > 0 })
        .Select(static part => new TextReasoningContent(part!.Text)) ?? [];
}
