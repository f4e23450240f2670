using System.Text.Json.Serialization;

namespace KvNorm.Server.Completions;

/// <summary>A whole answer in OpenAI's shape.</summary>
internal sealed record Completion(string Id, long Created, string Model, IReadOnlyList<CompletionChoice> Choices, CompletionUsage? Usage)
{
    public string Object { get; } = "chat.completion";
}

/// <summary>The answer; there is only one.</summary>
internal sealed record CompletionChoice(int Index, AnswerMessage Message, string FinishReason);

/// <summary>The message that the answer is.</summary>
internal sealed record AnswerMessage(
    string Role,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content,
    string? ReasoningContent,
    IReadOnlyList<ToolCall>? ToolCalls);

/// <summary>A piece of a streamed answer in OpenAI's shape; the one with the usage has no choice.</summary>
internal sealed record CompletionChunk(
    string Id, long Created, string Model, IReadOnlyList<ChunkChoice> Choices, CompletionUsage? Usage = null)
{
    public string Object { get; } = "chat.completion.chunk";
}

/// <summary>What is new of the answer.</summary>
internal sealed record ChunkChoice(
    int Index,
    AnswerDelta Delta,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason = null);

/// <summary>New text, reasoning or calls; a call is never cut.</summary>
internal sealed record AnswerDelta(
    string? Role = null, string? Content = null, string? ReasoningContent = null, IReadOnlyList<ToolCall>? ToolCalls = null);

/// <summary>The tokens of an answer and its prompt.</summary>
internal sealed record CompletionUsage(
    long PromptTokens, long CompletionTokens, long TotalTokens, PromptTokensDetails PromptTokensDetails,
    CompletionTokensDetails CompletionTokensDetails);

/// <summary>Tokens of the prompt that the cache held, so that they were not prefilled again.</summary>
internal sealed record PromptTokensDetails(long CachedTokens);

/// <summary>Tokens of the answer that were reasoning.</summary>
internal sealed record CompletionTokensDetails(long ReasoningTokens);
