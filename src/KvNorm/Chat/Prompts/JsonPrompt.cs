using System.Text.Json;
using KvNorm.Chat.Dialects;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Prompts;

/// <summary>
/// Tells a model that may also call tools which JSON its answer is to be. Without tools the grammar alone leads it there; with them it has
/// to choose, and a model that knows of nothing but the tools calls them for ever.
/// </summary>
internal static class JsonPrompt
{
    /// <summary>
    /// The conversation with the JSON that is wanted told behind the last user message: another system text would be another beginning,
    /// with the whole conversation to be prefilled again.
    /// </summary>
    public static IReadOnlyList<ChatMessage> Tell(IReadOnlyList<ChatMessage> messages, ChatResponseFormatJson json)
    {
        for (int index = messages.Count - 1; index >= 0; index--)
        {
            if (messages[index].Role == ChatRole.User)
                return [.. messages.Take(index), Tell(messages[index], json), .. messages.Skip(index + 1)];
        }

        return messages;
    }

    private static ChatMessage Tell(ChatMessage message, ChatResponseFormatJson json) =>
        new(message.Role, [.. message.Contents, new TextContent("\n\n" + Text(json))]);

    private static string Text(ChatResponseFormatJson json)
    {
        string wanted = json.Schema is { } schema ? $"JSON that fits this schema: {ToolCallText.Json(schema)}" : "a JSON object.";
        return $"When you have the results of tools that you need, answer with {wanted}";
    }
}
