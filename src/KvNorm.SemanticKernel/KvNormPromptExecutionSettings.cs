using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace KvNorm.SemanticKernel;

/// <summary>
/// What a prompt can ask of a local model, under the names that prompt files use. Settings for other services are read by
/// <see cref="FromExecutionSettings"/>; docs/semantic-kernel.md says what becomes of each of their fields. A setting that is null is the
/// client's (<see cref="KvNormChatOptions.Sampling"/>, <see cref="KvNormChatOptions.MaxOutputTokens"/>).
/// </summary>
[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
public sealed class KvNormPromptExecutionSettings : PromptExecutionSettings
{
    private const string MinimumCellsName = "min_cells", PolicyName = "eviction_policy";

    /// <summary>Gets or sets the temperature, 0 to 100; below 0.01 the most likely token is always taken.</summary>
    [JsonPropertyName("temperature")]
    public double? Temperature { get; set => Set(ref field, value); }

    /// <summary>Gets or sets the share of probability whose tokens are candidates; 1 for all.</summary>
    [JsonPropertyName("top_p")]
    public double? TopP { get; set => Set(ref field, value); }

    /// <summary>Gets or sets how many of the most likely tokens are candidates; 0 for all.</summary>
    [JsonPropertyName("top_k")]
    public int? TopK { get; set => Set(ref field, value); }

    /// <summary>Gets or sets the least probability of a candidate as a share of the most likely one's; 0 for none.</summary>
    [JsonPropertyName("min_p")]
    public double? MinP { get; set => Set(ref field, value); }

    /// <summary>Gets or sets the share of probability kept by locally typical sampling; 1 for all.</summary>
    [JsonPropertyName("typical_p")]
    public double? TypicalP { get; set => Set(ref field, value); }

    /// <summary>Gets or sets the factor that tokens of this answer seen lately are divided by, 0.01 to 100; 1 for none.</summary>
    [JsonPropertyName("repeat_penalty")]
    public double? RepeatPenalty { get; set => Set(ref field, value); }

    /// <summary>Gets or sets how many of this answer's last tokens the penalties look at.</summary>
    [JsonPropertyName("repeat_last_n")]
    public int? RepeatLastTokens { get; set => Set(ref field, value); }

    /// <summary>Gets or sets what is taken off a token's logit for every time this answer had it lately, -100 to 100.</summary>
    [JsonPropertyName("frequency_penalty")]
    public double? FrequencyPenalty { get; set => Set(ref field, value); }

    /// <summary>Gets or sets what is taken off a token's logit when this answer had it lately at all, -100 to 100.</summary>
    [JsonPropertyName("presence_penalty")]
    public double? PresencePenalty { get; set => Set(ref field, value); }

    /// <summary>Gets or sets whether Mirostat chooses the candidates: 0 for off, 2 for Mirostat 2.</summary>
    [JsonPropertyName("mirostat")]
    public int? Mirostat { get; set => Set(ref field, value); }

    /// <summary>Gets or sets the surprise that Mirostat holds the text at, in bits per token.</summary>
    [JsonPropertyName("mirostat_tau")]
    public double? MirostatTau { get; set => Set(ref field, value); }

    /// <summary>Gets or sets how fast Mirostat approaches it, 0 to 1.</summary>
    [JsonPropertyName("mirostat_eta")]
    public double? MirostatEta { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the seed. With a fixed <see cref="KvNormChatOptions.Threads"/> and no answers beside it the same seed repeats the text.
    /// </summary>
    [JsonPropertyName("seed")]
    public long? Seed { get; set => Set(ref field, value); }

    /// <summary>Gets or sets the maximum number of tokens of the answer.</summary>
    [JsonPropertyName("max_tokens")]
    public int? MaxTokens { get; set => Set(ref field, value); }

    /// <summary>Gets or sets the texts that end the answer; they are not part of it.</summary>
    [JsonPropertyName("stop_sequences")]
    public IList<string>? StopSequences { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets what the answer has to be, forced by a grammar: "text", "json_object", a <see cref="Type"/>, a JSON schema
    /// (JsonElement, JsonNode or text), OpenAI's {"type":"json_schema","json_schema":{"schema":...}}, or a
    /// <see cref="ChatResponseFormat"/>.
    /// </summary>
    [JsonPropertyName("response_format")]
    [JsonConverter(typeof(ResponseFormatConverter))]
    public object? ResponseFormat { get; set => Set(ref field, value); }

    /// <summary>Gets or sets how much a reasoning model thinks: "none", "minimal", "low", "medium", "high" or "xhigh".</summary>
    [JsonPropertyName("reasoning_effort")]
    public string? ReasoningEffort { get; set => Set(ref field, value); }

    /// <summary>Gets or sets the system prompt of conversations that have none of their own.</summary>
    [JsonPropertyName("chat_system_prompt")]
    public string? ChatSystemPrompt { get; set => Set(ref field, value); }

    /// <summary>Gets or sets the developer prompt of conversations that have none of their own; it follows the system prompt.</summary>
    [JsonPropertyName("chat_developer_prompt")]
    public string? ChatDeveloperPrompt { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the cells that the prompt counts on for its conversation: a service whose cache gives fewer refuses it, instead of
    /// evicting what the prompt needs. Null for any.
    /// </summary>
    [JsonPropertyName(MinimumCellsName)]
    public int? MinimumCells { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the name of the eviction policy that the prompt counts on, such as "salience": a service with another one refuses it.
    /// Null for any.
    /// </summary>
    [JsonPropertyName(PolicyName)]
    public string? Policy { get; set => Set(ref field, value); }

    /// <summary>Reads settings that may have been written for another service.</summary>
    /// <param name="executionSettings">The settings; null for none.</param>
    /// <returns>The settings themselves where they are of this type, otherwise new ones.</returns>
    /// <exception cref="ArgumentException">A value is none of its field.</exception>
    /// <exception cref="NotSupportedException">
    /// They ask for what no local model does and what changes the answer: OpenAI's ToolCallBehavior.
    /// </exception>
    public static KvNormPromptExecutionSettings FromExecutionSettings(PromptExecutionSettings? executionSettings) =>
        executionSettings switch
    {
        null => new KvNormPromptExecutionSettings(),
        KvNormPromptExecutionSettings own => own,
        _ => ForeignSettings.Read(executionSettings),
    };

    /// <inheritdoc/>
    public override PromptExecutionSettings Clone() => new KvNormPromptExecutionSettings
    {
        ModelId = ModelId,
        ServiceId = ServiceId,
        FunctionChoiceBehavior = FunctionChoiceBehavior,
        ExtensionData = ExtensionData is null ? null : new Dictionary<string, object>(ExtensionData, StringComparer.Ordinal),
        Temperature = Temperature,
        TopP = TopP,
        TopK = TopK,
        MinP = MinP,
        TypicalP = TypicalP,
        RepeatPenalty = RepeatPenalty,
        RepeatLastTokens = RepeatLastTokens,
        FrequencyPenalty = FrequencyPenalty,
        PresencePenalty = PresencePenalty,
        Mirostat = Mirostat,
        MirostatTau = MirostatTau,
        MirostatEta = MirostatEta,
        Seed = Seed,
        MaxTokens = MaxTokens,
        StopSequences = StopSequences is null ? null : [.. StopSequences],
        ResponseFormat = ResponseFormat,
        ReasoningEffort = ReasoningEffort,
        ChatSystemPrompt = ChatSystemPrompt,
        ChatDeveloperPrompt = ChatDeveloperPrompt,
        MinimumCells = MinimumCells,
        Policy = Policy,
    };

    /// <inheritdoc/>
    public override void Freeze()
    {
        if (IsFrozen)
            return;
        StopSequences = StopSequences is null ? null : Array.AsReadOnly([.. StopSequences]);
        base.Freeze();
    }

    // Semantic Kernel has set what it knows, from this object's JSON; a few things it reads otherwise than they are meant.
    /// <inheritdoc/>
    protected override void PrepareChatOptionsForRequest(ChatOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        base.PrepareChatOptionsForRequest(options);
        options.ResponseFormat = ResponseFormatConverter.ToFormat(ResponseFormat);
        options.Reasoning = ReasoningEffort is null ? null : new ReasoningOptions { Effort = Effort(ReasoningEffort) };
        string instructions = string.Join(
            "\n\n", new[] { ChatSystemPrompt, ChatDeveloperPrompt }.Where(prompt => !string.IsNullOrWhiteSpace(prompt)));
        options.Instructions = instructions.Length == 0 ? null : instructions;
        options.AdditionalProperties?.Remove(MinimumCellsName); // looked at before
        options.AdditionalProperties?.Remove(PolicyName);
    }

    private static ReasoningEffort Effort(string effort) => effort.ToUpperInvariant() switch
    {
        "NONE" => Microsoft.Extensions.AI.ReasoningEffort.None,
        "MINIMAL" or "LOW" => Microsoft.Extensions.AI.ReasoningEffort.Low,
        "MEDIUM" => Microsoft.Extensions.AI.ReasoningEffort.Medium,
        "HIGH" => Microsoft.Extensions.AI.ReasoningEffort.High,
        "XHIGH" => Microsoft.Extensions.AI.ReasoningEffort.ExtraHigh,
        _ => throw new ArgumentException($"The reasoning effort '{effort}' is not known: use none, minimal, low, medium, high or xhigh."),
    };

    private void Set<T>(ref T field, T value)
    {
        ThrowIfFrozen();
        field = value;
    }
}
