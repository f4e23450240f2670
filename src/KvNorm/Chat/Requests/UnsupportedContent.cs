using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Requests;

/// <summary>Says which content a text model cannot read, and where it stands.</summary>
internal static class UnsupportedContent
{
    /// <summary>The exception for a content of a message.</summary>
    public static NotSupportedException Exception(AIContent content, int messageIndex)
    {
        string what = content switch
        {
            DataContent data => $"{data.MediaType} (DataContent)",
            UriContent uri => $"{uri.MediaType} (UriContent)",
            _ => content.GetType().Name,
        };
        return new NotSupportedException(
            $"Message {messageIndex} has content of the type {what}, which is not supported: the model reads text only.");
    }
}
