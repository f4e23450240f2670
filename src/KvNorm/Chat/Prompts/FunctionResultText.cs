using System.Text.Json;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Prompts;

/// <summary>The result of a call as text for the model.</summary>
internal static class FunctionResultText
{
    // What FunctionInvokingChatClient writes too: an exception's own message may say what the model's reader must not know.
    private const string Failed = "Error: Function failed.";

    /// <summary>Strings stay strings, objects become JSON, and what failed without a result is said to have.</summary>
    /// <exception cref="NotSupportedException">The result holds something other than text, such as an image.</exception>
    public static string Of(FunctionResultContent result, int messageIndex) => result switch
    {
        { Result: null } => result.Exception is null ? "" : Failed,
        { Result: string text } => text,
        { Result: JsonElement { ValueKind: JsonValueKind.String } text } => text.GetString()!,
        { Result: AIContent content } => Text(content, messageIndex),
        { Result: IEnumerable<AIContent> contents } => string.Concat(contents.Select(content => Text(content, messageIndex))),
        _ => ToolCallText.Json(Serialized(result.Result)),
    };

    private static JsonElement Serialized(object value) =>
        JsonSerializer.SerializeToElement(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType()));

    private static string Text(AIContent content, int messageIndex) => content switch
    {
        TextContent text => text.Text,
        DataContent data when TextData.Read(data) is { } text => text,
        _ => throw UnsupportedContent.Exception(content, messageIndex),
    };
}
