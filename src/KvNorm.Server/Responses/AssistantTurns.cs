using Microsoft.Extensions.AI;

namespace KvNorm.Server.Responses;

/// <summary>What the assistant said, thought and called in a row is one message: templates write the beginning of each anew.</summary>
internal static class AssistantTurns
{
    /// <summary>The messages with that as one. Those that come in are left as they are: stored responses share them.</summary>
    public static List<ChatMessage> Join(IEnumerable<ChatMessage> messages)
    {
        List<ChatMessage> joined = [];
        bool isCopy = false;
        foreach (ChatMessage message in messages)
        {
            if (message.Role != ChatRole.Assistant || joined is not [.., { } last] || last.Role != ChatRole.Assistant)
            {
                joined.Add(message);
                isCopy = false;
                continue;
            }

            if (!isCopy)
            {
                joined[^1] = last.Clone();
                joined[^1].Contents = [.. last.Contents];
                isCopy = true;
            }

            foreach (AIContent content in message.Contents)
                joined[^1].Contents.Add(content);
        }

        return joined;
    }
}
