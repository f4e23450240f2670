using System.Text.Json.Serialization;
using KvNorm.Server.Completions;

namespace KvNorm.Server.Responses;

/// <summary>A response in OpenAI's shape, at one moment.</summary>
internal sealed record ResponseObject
{
    public required string Id { get; init; }

    public string Object { get; } = "response";

    public required long CreatedAt { get; init; }

    public required string Status { get; init; }

    public required string Model { get; init; }

    public required IReadOnlyList<OutputItem> Output { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ResponseError? Error { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IncompleteDetails? IncompleteDetails { get; init; }

    public string? Instructions { get; init; }

    public int? MaxOutputTokens { get; init; }

    public string? PreviousResponseId { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public bool Store { get; init; }

    public bool ParallelToolCalls { get; init; }

    public required ToolChoice ToolChoice { get; init; }

    public required IReadOnlyList<ResponseTool?> Tools { get; init; }

    public ResponseUsage? Usage { get; init; }
}

/// <summary>What broke a response off.</summary>
internal sealed record ResponseError(string Code, string Message);

/// <summary>Why a response is not complete.</summary>
internal sealed record IncompleteDetails(string Reason);

/// <summary>The tokens of a response and its prompt.</summary>
internal sealed record ResponseUsage(
    long InputTokens, InputTokensDetails InputTokensDetails, long OutputTokens, OutputTokensDetails OutputTokensDetails, long TotalTokens);

/// <summary>Tokens of the prompt that the cache held, so that they were not prefilled again.</summary>
internal sealed record InputTokensDetails(long CachedTokens);

/// <summary>Tokens of the response that were reasoning.</summary>
internal sealed record OutputTokensDetails(long ReasoningTokens);

/// <summary>Whether a response was deleted.</summary>
internal sealed record DeletedResponse(string Id, bool Deleted)
{
    public string Object { get; } = "response";
}
