using KvNorm.Server.Completions;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Responses;

/// <summary>A response that a later request may go on with.</summary>
/// <param name="Response">The response.</param>
/// <param name="Conversation">The name that the chat client keeps its conversation under.</param>
/// <param name="Messages">The whole conversation with it, without instructions; messages are shared with the responses before.</param>
/// <param name="Length">The characters of all that. Messages that responses share count for each: they go with the last.</param>
internal sealed record StoredResponse(ResponseObject Response, string Conversation, IReadOnlyList<ChatMessage> Messages, long Length)
{
    private const int ObjectLength = 64; // about what an object takes beside its texts

    /// <summary>The characters of messages.</summary>
    public static long LengthOf(IEnumerable<ChatMessage> messages) =>
        messages.Sum(static message => ObjectLength + message.Contents.Sum(LengthOf));

    /// <summary>The characters of what a response repeats of its request.</summary>
    public static long LengthOf(ResponseRequest request) => (request.Instructions?.Length ?? 0) + (request.Tools?.Sum(LengthOf) ?? 0);

    private static long LengthOf(ResponseTool? tool) =>
        ObjectLength + (tool?.Name?.Length ?? 0) + (tool?.Description?.Length ?? 0) + (tool?.Parameters?.GetRawText().Length ?? 0);

    private static long LengthOf(AIContent content) => ObjectLength + content switch
    {
        TextContent text => text.Text.Length,
        TextReasoningContent reasoning => reasoning.Text.Length,
        FunctionResultContent { Result: string text } result => result.CallId.Length + text.Length,
        FunctionCallContent call => call.CallId.Length + call.Name.Length + CallArguments.Write(call).Length,
        _ => 0L,
    };
}
