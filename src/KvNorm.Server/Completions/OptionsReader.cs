using System.Numerics;
using System.Text.Json;
using KvNorm.Server.Api;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Completions;

/// <summary>Reads the settings of a request as the chat client takes them.</summary>
internal static class OptionsReader
{
    private const int MaximumStopLength = 256; // characters
    private const int MaximumIgnoredNames = 20; // in the log

    // Ignoring them would give another answer than was asked for.
    private static readonly string[] Refused =
    [
        "logit_bias", "logprobs", "top_logprobs", "functions", "function_call", "audio", "prediction", "web_search_options",
        "background", "conversation", "prompt",
    ];

    // Settings of llama.cpp's samplers, which the chat client reads and checks.
    private static readonly string[] Samplers =
    [
        "min_p", "typical_p", "mirostat", "mirostat_tau", "mirostat_eta", "repeat_penalty", "repeat_last_n",
    ];

    /// <summary>The options.</summary>
    /// <param name="request">The request.</param>
    /// <param name="names">What it calls its fields.</param>
    /// <param name="limits">The server's limits.</param>
    /// <param name="logger">Told what is ignored.</param>
    /// <exception cref="ApiException">A field is not what it should be, or asks for what this server does not do.</exception>
    public static ChatOptions Read(CompletionRequest request, FieldNames names, KvNormServerOptions limits, ILogger logger)
    {
        RequireSupported(request);
        ChatOptions options = new()
        {
            Temperature = InRange(request.Temperature, 0, 2, "temperature"),
            TopP = InRange(request.TopP, 0, 1, "top_p"),
            TopK = InRange(request.TopK, 0, int.MaxValue, "top_k"),
            FrequencyPenalty = InRange(request.FrequencyPenalty, -2, 2, "frequency_penalty"),
            PresencePenalty = InRange(request.PresencePenalty, -2, 2, "presence_penalty"),
            Seed = request.Seed,
            MaxOutputTokens = InRange(request.MaxCompletionTokens, 1, int.MaxValue, names.MaximumTokens)
                ?? InRange(request.MaxTokens, 1, int.MaxValue, "max_tokens"),
            StopSequences = Stops(request.Stop),
            Reasoning = Reasoning(request.ReasoningEffort, names.Effort),
            ResponseFormat = Format(request.ResponseFormat, names, limits.MaximumSchemaBytes),
            AllowMultipleToolCalls = request.ParallelToolCalls,
            AdditionalProperties = ReadMore(request.More ?? [], logger),
        };
        ToolReader.Read(request, options, names, limits);
        return options;
    }

    private static void RequireSupported(CompletionRequest request)
    {
        if (request.N is not (null or 1))
            throw ApiException.Unsupported("n", "must be 1: this server writes one answer to a request.");
        foreach ((string name, JsonElement value) in request.More ?? [])
        {
            bool asksForNothing = value.ValueKind is JsonValueKind.Null or JsonValueKind.False;
            if (!asksForNothing && Refused.Contains(name, StringComparer.Ordinal))
                throw ApiException.Unsupported(name);
            if (name == "modalities" && value.GetRawText().Contains("audio", StringComparison.Ordinal))
                throw ApiException.Unsupported(name, "must be [\"text\"].");
        }
    }

    private static T? InRange<T>(T? value, T least, T most, string field)
        where T : struct, INumber<T> =>
        value is { } number && !(number >= least && number <= most)
            ? throw ApiException.Invalid(field, $"must be from {least} to {most}.")
            : value;

    private static IList<string>? Stops(StopTexts? stop)
    {
        if (stop is null)
            return null;
        if (stop.Texts.Any(static text => text.Length is 0 or > MaximumStopLength))
            throw ApiException.Invalid("stop", $"must hold texts of 1 to {MaximumStopLength} characters.");
        return [.. stop.Texts];
    }

    private static ReasoningOptions? Reasoning(string? effort, string field) => effort switch
    {
        null => null,
        "none" => new ReasoningOptions { Effort = ReasoningEffort.None },
        "minimal" or "low" => new ReasoningOptions { Effort = ReasoningEffort.Low },
        "medium" => new ReasoningOptions { Effort = ReasoningEffort.Medium },
        "high" or "xhigh" => new ReasoningOptions { Effort = ReasoningEffort.High },
        _ => throw ApiException.Invalid(field, "must be none, minimal, low, medium, high or xhigh."),
    };

    private static ChatResponseFormat? Format(ResponseFormat? format, FieldNames names, int maximumBytes)
    {
        switch (format?.Type)
        {
            case null when format is null:
                return null;
            case "text":
                return ChatResponseFormat.Text;
            case "json_object":
                return ChatResponseFormat.Json;
            case "json_schema":
                JsonElement schema = SchemaLimit.Require(format.JsonSchema?.Schema ?? default, maximumBytes, names.Schema);
                return ChatResponseFormat.ForJsonSchema(schema, format.JsonSchema!.Name, format.JsonSchema.Description);
            default:
                throw ApiException.Invalid(names.Format + ".type", "must be text, json_object or json_schema.");
        }
    }

    private static AdditionalPropertiesDictionary ReadMore(Dictionary<string, JsonElement> more, ILogger logger)
    {
        AdditionalPropertiesDictionary samplers = [];
        foreach (string name in Samplers.Where(more.ContainsKey))
        {
            if (more[name].ValueKind == JsonValueKind.Number)
                samplers[name] = more[name];
            else if (more[name].ValueKind != JsonValueKind.Null)
                throw ApiException.Invalid(name, "must be a number.");
        }

        if (logger.IsEnabled(LogLevel.Debug))
            LogIgnored(more.Keys.Except(Samplers, StringComparer.Ordinal).Except(Refused, StringComparer.Ordinal), logger);
        return samplers;
    }

    // The names are a stranger's text: a few of them, short and on one line.
    private static void LogIgnored(IEnumerable<string> names, ILogger logger)
    {
        string[] ignored =
        [
            .. names.Take(MaximumIgnoredNames).Select(static name => string.Concat(name.Take(64).Where(static c => !char.IsControl(c)))),
        ];
        if (ignored.Length > 0)
            ServerLog.FieldsIgnored(logger, string.Join(", ", ignored));
    }
}
