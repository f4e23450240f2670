using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Replies;

/// <summary>
/// A thought that a model ended but never began: its text was shown as the answer's before that was known. What follows is then another
/// paragraph, and a response that is given as a whole has the thought as one.
/// </summary>
internal static class UnopenedThought
{
    private const string Key = "ends_thought";

    /// <summary>What is shown where the thought ends.</summary>
    public static TextContent End() => new("\n\n") { AdditionalProperties = new AdditionalPropertiesDictionary { [Key] = true } };

    /// <summary>Whether a content is that.</summary>
    public static bool IsEnd(AIContent content) => content.AdditionalProperties?.ContainsKey(Key) == true;

    /// <summary>The response that some updates come to: texts before the end of a thought are one. The updates stay as they are.</summary>
    public static ChatResponse ToResponse(IReadOnlyList<ChatResponseUpdate> updates)
    {
        int end = updates.Count - 1;
        while (end >= 0 && !updates[end].Contents.Any(IsEnd))
            end--;
        return updates.Select((update, index) => index <= end ? WithThought(update) : update).ToChatResponse();
    }

    private static ChatResponseUpdate WithThought(ChatResponseUpdate update)
    {
        update = update.Clone(); // it was handed out
        update.Contents = [.. update.Contents.Where(static content => !IsEnd(content)).Select(Thought)];
        return update;
    }

    private static AIContent Thought(AIContent content) => content is TextContent text ? new TextReasoningContent(text.Text) : content;
}
