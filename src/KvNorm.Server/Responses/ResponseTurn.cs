using Microsoft.Extensions.AI;

namespace KvNorm.Server.Responses;

/// <summary>A request to /v1/responses, read.</summary>
/// <param name="Id">The id that the response gets.</param>
/// <param name="Conversation">The name of its conversation; null where it has none and is not kept.</param>
/// <param name="Messages">The whole conversation.</param>
/// <param name="Options">What is asked for.</param>
/// <param name="IsKept">Whether a later request may go on with it.</param>
/// <param name="RequestLength">The characters that the response repeats of its request.</param>
internal sealed record ResponseTurn(
    string Id, string? Conversation, IReadOnlyList<ChatMessage> Messages, ChatOptions Options, bool IsKept, long RequestLength);
