using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Requests;

/// <summary>What a client asks for: the messages as they came, and the options, checked.</summary>
internal sealed record ChatRequest
{
    /// <summary>Gets the whole conversation.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>Gets whether a tool was called in it.</summary>
    public bool HasCalls =>
        Messages.Any(static message => message.Contents.Any(static content => content is FunctionCallContent or FunctionResultContent));

    /// <summary>
    /// Gets whether the last message is an answer to go on with. One that calls is complete, and what its calls gave is missing.
    /// </summary>
    public bool ContinuesAnswer =>
        Messages is [.., { } last] && last.Role == ChatRole.Assistant
        && !last.Contents.Any(static content => content is FunctionCallContent or FunctionResultContent);

    /// <summary>Gets what stands before it as system text; null for nothing.</summary>
    public string? Instructions { get; init; }

    public required ToolRequest Tools { get; init; }

    /// <summary>Gets further variables of the template.</summary>
    public required IReadOnlyDictionary<string, object?> Variables { get; init; }

    /// <summary>Gets whether the caller wants an answer without reasoning.</summary>
    public bool WantsNoReasoning => Variables.TryGetValue("enable_thinking", out object? reasons) && reasons is false;

    public required SamplingOptions Sampling { get; init; }

    public required int MaxOutputTokens { get; init; }

    public required IReadOnlyList<string> StopSequences { get; init; }

    /// <summary>Gets the JSON that the answer must be; null for text.</summary>
    public ChatResponseFormatJson? Json { get; init; }

    /// <summary>Gets whether the answer may be that JSON or a call.</summary>
    public bool IsJsonOrCall => this is { Json: not null, Tools: { IsForced: false, IsForbidden: false, Tools.Count: > 0 } };

    /// <summary>Gets whether the caller wants to see the model's reasoning.</summary>
    public bool ShowsReasoning { get; init; }

    /// <summary>Gets who is told how far the prompt is prefilled; null for nobody.</summary>
    public IProgress<PrefillProgress>? Progress { get; init; }

    /// <summary>Reads messages and options.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="options">What the caller set; null for nothing.</param>
    /// <param name="defaults">What holds where the caller set nothing.</param>
    /// <param name="client">The client, for factories that want it.</param>
    /// <exception cref="NotSupportedException">Something is asked for that this client does not do.</exception>
    /// <exception cref="ArgumentException">The messages or options contradict themselves.</exception>
    public static ChatRequest Create(
        IEnumerable<ChatMessage> messages, ChatOptions? options, KvNormChatOptions defaults, IChatClient client)
    {
        RequireSupported(options, defaults.ModelName);
        ChatMessage[] all = [.. messages];
        if (Array.FindIndex(all, static message => message is null) is >= 0 and int missing)
            throw new ArgumentException($"Message {missing} is null.", nameof(messages));
        if (Array.FindIndex(all, static message => message.Contents.Contains(null!)) is >= 0 and int partial)
            throw new ArgumentException($"A content of message {partial} is null.", nameof(messages));
        if (all.Length == 0 && string.IsNullOrEmpty(options?.Instructions))
            throw new ArgumentException("There is no message to answer.", nameof(messages));
        int maximum = options?.MaxOutputTokens ?? defaults.MaxOutputTokens;
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, 1, nameof(ChatOptions.MaxOutputTokens));
        SamplingOptions sampling = ReadSampling(options, defaults.Sampling, client);
        sampling.Validate();
        return new ChatRequest
        {
            Messages = all,
            Instructions = options?.Instructions,
            Tools = ToolRequest.Create(options),
            Variables = ReadReasoning(options?.Reasoning),
            Sampling = sampling,
            MaxOutputTokens = maximum,
            StopSequences = [.. options?.StopSequences ?? []],
            Json = Unwrapped(options?.ResponseFormat as ChatResponseFormatJson),
            ShowsReasoning = options?.Reasoning?.Output != ReasoningOutput.None,
            Progress = ReadProgress(options?.AdditionalProperties),
        };
    }

    /// <summary>The conversation with an answer: one that goes on with the last message is part of it.</summary>
    public ChatMessage[] WithAnswer(IList<ChatMessage> answer)
    {
        if (!ContinuesAnswer || answer.Count == 0)
            return [.. Messages, .. answer];
        ChatMessage whole = Messages[^1].Clone();
        whole.Contents = [.. whole.Contents, .. answer[0].Contents];
        return [.. Messages.SkipLast(1), whole, .. answer.Skip(1)];
    }

    // Some pass on what they would send to OpenAI, with the schema inside.
    private static ChatResponseFormatJson? Unwrapped(ChatResponseFormatJson? json) =>
        json?.Schema is { ValueKind: JsonValueKind.Object } wrapper
        && wrapper.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("json_schema")
        && wrapper.TryGetProperty("json_schema", out JsonElement inside) && inside.ValueKind == JsonValueKind.Object
        && inside.TryGetProperty("schema", out JsonElement schema)
            ? ChatResponseFormat.ForJsonSchema(schema, json.SchemaName, json.SchemaDescription)
            : json;

    private static void RequireSupported(ChatOptions? options, string modelName)
    {
        if (options is null)
            return;
        if (options.ModelId is { Length: > 0 } model && !model.Equals(modelName, StringComparison.OrdinalIgnoreCase))
        {
            throw new NotSupportedException(
                $"This client serves the model '{modelName}', not '{model}': leave ChatOptions.ModelId unset or name that model.");
        }

        if (options.ResponseFormat is { } format and not (ChatResponseFormatText or ChatResponseFormatJson))
            throw new NotSupportedException($"The response format {format.GetType().Name} is not supported: ask for text or JSON.");
    }

    // The names under which templates ask how much to reason: Qwen and others, DeepSeek and Granite, gpt-oss.
    private static Dictionary<string, object?> ReadReasoning(ReasoningOptions? reasoning)
    {
        if (reasoning?.Effort is not { } effort)
            return [];
        bool reasons = effort != ReasoningEffort.None;
        Dictionary<string, object?> variables = new(StringComparer.Ordinal) { ["enable_thinking"] = reasons, ["thinking"] = reasons };
        if (reasons)
            variables["reasoning_effort"] = effort switch { ReasoningEffort.Low => "low", ReasoningEffort.Medium => "medium", _ => "high" };
        return variables;
    }

    private static SamplingOptions ReadSampling(ChatOptions? options, SamplingOptions defaults, IChatClient client)
    {
        if (options is null)
            return defaults;
        SamplingOptions start = options.RawRepresentationFactory?.Invoke(client) as SamplingOptions ?? defaults;
        AdditionalPropertiesDictionary? more = options.AdditionalProperties;
        return start with
        {
            Temperature = options.Temperature ?? start.Temperature,
            TopP = options.TopP ?? start.TopP,
            TopK = options.TopK ?? start.TopK,
            Seed = options.Seed is { } seed ? unchecked((uint)seed) : start.Seed,
            FrequencyPenalty = options.FrequencyPenalty ?? start.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty ?? start.PresencePenalty,
            MinP = (float?)Number(more, "min_p", 0, 1) ?? start.MinP,
            TypicalP = (float?)Number(more, "typical_p", 0, 1) ?? start.TypicalP,
            Mirostat = ReadMirostat(more) ?? start.Mirostat,
            MirostatTau = (float?)Number(more, "mirostat_tau", 0.01, 100) ?? start.MirostatTau,
            MirostatEta = (float?)Number(more, "mirostat_eta", 0, 1) ?? start.MirostatEta,
            RepeatPenalty = (float?)Number(more, "repeat_penalty", 0.01, 100) ?? start.RepeatPenalty,
            RepeatLastTokens = (int?)Number(more, "repeat_last_n", 0, SamplingOptions.MostRepeatLastTokens) ?? start.RepeatLastTokens,
        };
    }

    private static IProgress<PrefillProgress>? ReadProgress(AdditionalPropertiesDictionary? properties) =>
        properties?.GetValueOrDefault(PrefillProgress.Option) switch
        {
            null => null,
            IProgress<PrefillProgress> progress => progress,
            _ => throw new ArgumentException(
                $"ChatOptions.AdditionalProperties[\"{PrefillProgress.Option}\"] must be an IProgress<PrefillProgress>."),
        };

    // llama.cpp's numbers: 0 for off, 2 for the second version. The first one is the same idea, slower.
    private static bool? ReadMirostat(AdditionalPropertiesDictionary? properties) => Number(properties, "mirostat", 0, 2) switch
    {
        null => null,
        0 => false,
        2 => true,
        double other => throw Wrong("mirostat", $"is {other}; 0 (off) and 2 are supported."),
    };

    // Hosts hand numbers on as they got them: boxed, as text, or as JSON.
    private static double? Number(AdditionalPropertiesDictionary? properties, string name, double minimum, double maximum)
    {
        if (properties is null || !properties.TryGetValue(name, out object? value) || value is null)
            return null;
        string text = value is JsonElement json ? json.ToString() : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        bool isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number);
        return isNumber && number >= minimum && number <= maximum
            ? number
            : throw Wrong(name, $"is '{text}', which is not a number from {minimum} to {maximum}.");
    }

    private static ArgumentException Wrong(string name, string what) => new($"ChatOptions.AdditionalProperties[\"{name}\"] {what}", name);
}
