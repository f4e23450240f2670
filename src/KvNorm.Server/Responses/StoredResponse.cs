using KvNorm.Server.Completions;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Responses;

/// <summary>A response that a later request may go on with.</summary>
/// <param name="Response">The response.</param>
/// <param name="Conversation">The name that the chat client keeps its conversation under.</param>
/// <param name="Messages">The whole conversation with it, without instructions; messages are shared with the responses before.</param>
/// <param name="Length">The characters that are new in it.</param>
internal sealed record StoredResponse(ResponseObject Response, string Conversation, IReadOnlyList<ChatMessage> Messages, long Length)
{
    /// <summary>The characters of messages.</summary>
    public static long LengthOf(IEnumerable<ChatMessage> messages) => messages.SelectMany(static message => message.Contents).Sum(LengthOf);

    private static long LengthOf(AIContent content) => content switch
    {
        TextContent text => text.Text.Length,
        TextReasoningContent reasoning => reasoning.Text.Length,
        FunctionResultContent { Result: string result } => result.Length,
        FunctionCallContent call => CallArguments.Write(call).Length,
        _ => 0,
    };
}
