using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests;

/// <summary>What a client was asked and what it answered. The usage is a copy: decorators may sum up in the original.</summary>
internal sealed record LoggedRequest(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options, ChatResponse Response, UsageDetails Usage);
