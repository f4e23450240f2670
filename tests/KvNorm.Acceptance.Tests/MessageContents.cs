using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests;

/// <summary>The contents of all messages of an answer.</summary>
internal static class MessageContents
{
    public static IEnumerable<T> Contents<T>(this IEnumerable<ChatMessage> messages) where T : AIContent =>
        messages.SelectMany(message => message.Contents).OfType<T>();
}
