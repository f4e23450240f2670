using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat;

/// <summary>What a call asks for, checked. Everything that cannot be done is said here, before the cache is touched.</summary>
internal sealed record ChatRequest(IReadOnlyList<ChatTurn> Turns, SamplingOptions Sampling, int MaxOutputTokens, IReadOnlyList<string> StopSequences)
{
    /// <summary>Reads messages and options.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="options">What the caller set; null for nothing.</param>
    /// <param name="defaults">What holds where the caller set nothing.</param>
    /// <param name="client">The client, for factories that want it.</param>
    /// <exception cref="NotSupportedException">Something is asked for that this client does not do.</exception>
    public static ChatRequest Create(IEnumerable<ChatMessage> messages, ChatOptions? options, KvNormChatOptions defaults, IChatClient client)
    {
        RequireSupported(options, defaults.ModelName);
        List<ChatTurn> turns = [];
        if (!string.IsNullOrEmpty(options?.Instructions))
            turns.Add(new ChatTurn(ChatTurn.System, options.Instructions));
        foreach (ChatMessage? message in messages)
        {
            if (message is null)
                throw new ArgumentException("A message is null.", nameof(messages));
            turns.Add(new ChatTurn(Role(message.Role), Text(message)));
        }

        if (turns.Count == 0)
            throw new ArgumentException("There is no message to answer.", nameof(messages));
        int most = options?.MaxOutputTokens ?? defaults.MaxOutputTokens;
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1, nameof(ChatOptions.MaxOutputTokens));
        SamplingOptions sampling = ReadSampling(options, defaults.Sampling, client);
        sampling.Validate();
        return new ChatRequest(turns, sampling, most, [.. options?.StopSequences ?? []]);
    }

    private static void RequireSupported(ChatOptions? options, string modelName)
    {
        if (options is null)
            return;
        if (options.ModelId is { Length: > 0 } model && !model.Equals(modelName, StringComparison.OrdinalIgnoreCase))
            throw new NotSupportedException($"This client serves the model '{modelName}', not '{model}': leave ChatOptions.ModelId unset or name that model.");
        if (options.Tools is { Count: > 0 } && options.ToolMode is not NoneChatToolMode)
            throw new NotSupportedException("Tools are not supported yet: leave ChatOptions.Tools empty or set ToolMode to None.");
        if (options.ResponseFormat is not (null or ChatResponseFormatText))
            throw new NotSupportedException($"The response format {options.ResponseFormat.GetType().Name} is not supported yet: ask for text.");
        if (!string.IsNullOrEmpty(options.ConversationId))
            throw new NotSupportedException("Conversations are not stored: send the whole history with every call and no ChatOptions.ConversationId. What the cache still holds of it is not read again.");
    }

    private static string Role(ChatRole role)
    {
        if (role == ChatRole.User)
            return ChatTurn.User;
        if (role == ChatRole.Assistant)
            return ChatTurn.Assistant;
        if (role == ChatRole.System || role.Value.Equals("developer", StringComparison.OrdinalIgnoreCase))
            return ChatTurn.System;
        throw new NotSupportedException($"Messages of the role '{role.Value}' are not supported yet; there are system, user and assistant.");
    }

    private static string Text(ChatMessage message)
    {
        StringBuilder text = new();
        foreach (AIContent content in message.Contents)
        {
            switch (content)
            {
                case TextContent part:
                    text.Append(part.Text);
                    break;
                case TextReasoningContent or UsageContent:
                    break; // of an earlier answer; not part of what is said
                case DataContent data:
                    throw new NotSupportedException($"Content of the type {data.MediaType} (DataContent) is not supported: the model reads text only.");
                case UriContent uri:
                    throw new NotSupportedException($"Content of the type {uri.MediaType} (UriContent) is not supported: the model reads text only.");
                default:
                    throw new NotSupportedException($"Content of the type {content.GetType().Name} is not supported yet.");
            }
        }

        return text.ToString();
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
            RepeatPenalty = (float?)Number(more, "repeat_penalty", 0.01, 100) ?? start.RepeatPenalty,
            RepeatLastTokens = (int?)Number(more, "repeat_last_n", 0, SamplingOptions.MostRepeatLastTokens) ?? start.RepeatLastTokens,
        };
    }

    // Hosts hand numbers on as they got them: boxed, as text, or as JSON.
    private static double? Number(AdditionalPropertiesDictionary? properties, string name, double least, double most)
    {
        if (properties is null || !properties.TryGetValue(name, out object? value) || value is null)
            return null;
        string text = value is JsonElement json ? json.ToString() : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most
            ? number
            : throw new ArgumentException($"ChatOptions.AdditionalProperties[\"{name}\"] is '{text}', which is not a number from {least} to {most}.");
    }
}
