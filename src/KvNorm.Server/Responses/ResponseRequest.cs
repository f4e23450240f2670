using System.Text.Json;
using System.Text.Json.Serialization;
using KvNorm.Server.Completions;

namespace KvNorm.Server.Responses;

/// <summary>The body of a request to /v1/responses, as it came.</summary>
internal sealed record ResponseRequest
{
    public string? Model { get; init; }

    public ResponseInput? Input { get; init; }

    public string? Instructions { get; init; }

    public string? PreviousResponseId { get; init; }

    public bool? Store { get; init; }

    public bool? Stream { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public int? TopK { get; init; }

    public float? FrequencyPenalty { get; init; }

    public float? PresencePenalty { get; init; }

    public long? Seed { get; init; }

    public StopTexts? Stop { get; init; }

    public int? N { get; init; }

    public int? MaxOutputTokens { get; init; }

    public TextSettings? Text { get; init; }

    public ReasoningSettings? Reasoning { get; init; }

    public IReadOnlyList<ResponseTool?>? Tools { get; init; }

    public ToolChoice? ToolChoice { get; init; }

    public bool? ParallelToolCalls { get; init; }

    public string? User { get; init; }

    /// <summary>Gets or sets what has no property here.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; set; } // the serializer wants to set it later

    /// <summary>The settings as those of a chat completion, which has the same under other names.</summary>
    public CompletionRequest ToSettings() => new()
    {
        Temperature = Temperature,
        TopP = TopP,
        TopK = TopK,
        FrequencyPenalty = FrequencyPenalty,
        PresencePenalty = PresencePenalty,
        Seed = Seed,
        Stop = Stop,
        N = N,
        MaxCompletionTokens = MaxOutputTokens,
        ResponseFormat = Text?.Format is { } format
            ? new ResponseFormat(format.Type, new JsonSchemaFormat(format.Name, format.Description, format.Schema))
            : null,
        ReasoningEffort = Reasoning?.Effort,
        Tools = Tools is null ? null : [.. Tools.Select(static tool => tool?.ToDefinition())],
        ToolChoice = ToolChoice,
        ParallelToolCalls = ParallelToolCalls,
        More = More,
    };
}

/// <summary>How the answer's text is to be.</summary>
internal sealed record TextSettings(TextFormat? Format);

/// <summary>What the answer must be.</summary>
internal sealed record TextFormat(string? Type, string? Name, string? Description, JsonElement Schema);

/// <summary>How much to reason.</summary>
internal sealed record ReasoningSettings(string? Effort);

/// <summary>A function offered to the model.</summary>
internal sealed record ResponseTool(string? Type, string? Name, string? Description, JsonElement? Parameters, bool? Strict)
{
    public ToolDefinition ToDefinition() => new(Type, new FunctionDefinition(Name, Description, Parameters ?? default));
}
