using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvNorm.Server.Completions;

/// <summary>The body of a request to /v1/chat/completions, as it came.</summary>
internal sealed record CompletionRequest
{
    public string? Model { get; init; }

    public IReadOnlyList<CompletionMessage?>? Messages { get; init; }

    public bool? Stream { get; init; }

    public StreamOptions? StreamOptions { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public int? TopK { get; init; }

    public float? FrequencyPenalty { get; init; }

    public float? PresencePenalty { get; init; }

    public long? Seed { get; init; }

    public int? MaxTokens { get; init; }

    public int? MaxCompletionTokens { get; init; }

    public StopTexts? Stop { get; init; }

    public string? ReasoningEffort { get; init; }

    public ResponseFormat? ResponseFormat { get; init; }

    public IReadOnlyList<ToolDefinition?>? Tools { get; init; }

    public ToolChoice? ToolChoice { get; init; }

    public bool? ParallelToolCalls { get; init; }

    public int? N { get; init; }

    public string? User { get; init; }

    /// <summary>
    /// Gets or sets what has no property here: settings of llama.cpp's samplers, what is refused by name, and what is ignored.
    /// </summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; set; } // the serializer wants to set it later
}

/// <summary>What a stream holds beside the answer.</summary>
internal sealed record StreamOptions(bool? IncludeUsage);

/// <summary>A function offered to the model.</summary>
internal sealed record ToolDefinition(string? Type, FunctionDefinition? Function);

/// <summary>A function: its name, what it is for, and the schema of its arguments.</summary>
internal sealed record FunctionDefinition(string? Name, string? Description, JsonElement Parameters);

/// <summary>What the answer must be.</summary>
internal sealed record ResponseFormat(string? Type, JsonSchemaFormat? JsonSchema);

/// <summary>A schema that the answer must satisfy.</summary>
internal sealed record JsonSchemaFormat(string? Name, string? Description, JsonElement Schema);
