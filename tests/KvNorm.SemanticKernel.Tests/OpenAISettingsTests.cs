using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.Connectors.OpenAI;

namespace KvNorm.SemanticKernel.Tests;

/// <summary>
/// What becomes of every field of the settings that most prompts are written with. A new field fails these tests until it is decided.
/// </summary>
public sealed class OpenAISettingsTests
{
    private static readonly KernelFunction Function = KernelFunctionFactory.CreateFromMethod(() => 1, "one");

    // By their names in prompt files; docs/semantic-kernel.md says the same.
    private static readonly Dictionary<string, (object Value, Func<ChatOptions, bool> IsMapped)> Mapped = new(StringComparer.Ordinal)
    {
        ["temperature"] = (0.5, options => options.Temperature == 0.5f),
        ["top_p"] = (0.5, options => options.TopP == 0.5f),
        ["presence_penalty"] = (0.5, options => options.PresencePenalty == 0.5f),
        ["frequency_penalty"] = (0.5, options => options.FrequencyPenalty == 0.5f),
        ["max_tokens"] = (5, options => options.MaxOutputTokens == 5),
        ["stop_sequences"] = (new List<string> { "x" }, options => options.StopSequences is ["x"]),
        ["seed"] = (5L, options => options.Seed == 5),
        ["response_format"] = (typeof(int), options => options.ResponseFormat is ChatResponseFormatJson { Schema: not null }),
        ["chat_system_prompt"] = ("x", options => options.Instructions == "x"),
        ["chat_developer_prompt"] = ("x", options => options.Instructions == "x"),
        ["reasoning_effort"] = (OpenAI.Chat.ChatReasoningEffortLevel.High, options => options.Reasoning?.Effort == ReasoningEffort.High),
        ["extra_body"] = (
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["min_p"] = 0.5, ["$.stream"] = true },
            options => options.AdditionalProperties is { Count: 1 } more && more["min_p"] is 0.5),
        ["model_id"] = ("x", options => options.ModelId == "x"),
        ["function_choice_behavior"] =
            (FunctionChoiceBehavior.None([Function]), options => options.Tools is [_] && options.ToolMode == ChatToolMode.None),
    };

    private static readonly Dictionary<string, object> Ignored = new(StringComparer.Ordinal)
    {
        ["service_id"] = "x",
        ["token_selection_biases"] = new Dictionary<int, int> { [1] = 1 },
        ["user"] = "x",
        ["logprobs"] = true,
        ["top_logprobs"] = 2,
        ["metadata"] = new Dictionary<string, string>(StringComparer.Ordinal) { ["x"] = "y" },
        ["store"] = true,
        ["web_search_options"] = new OpenAI.Chat.ChatWebSearchOptions(),
        ["modalities"] = OpenAI.Chat.ChatResponseModalities.Text,
        ["audio"] = "{}",
    };

    private static readonly string[] Refused = ["ToolCallBehavior"];

    private static IEnumerable<PropertyInfo> Properties => typeof(OpenAIPromptExecutionSettings).GetProperties()
        .Where(property => property.SetMethod is { IsPublic: true } && property.GetCustomAttribute<JsonExtensionDataAttribute>() is null);

    [Fact]
    public void EveryField_IsMappedIgnoredOrRefused() =>
        Assert.Equal(
            Properties.Select(Name).Order(StringComparer.Ordinal),
            Mapped.Keys.Concat(Ignored.Keys).Concat(Refused).Order(StringComparer.Ordinal));

    [Fact]
    public void EveryField_IsInTheDocumentation()
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "semantic-kernel.md"));
        Assert.All(Mapped.Keys.Concat(Ignored.Keys).Concat(Refused), name => Assert.Contains($"`{name}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void FromExecutionSettings_MappedField_IsInTheOptions() => Assert.All(Mapped, field =>
        Assert.True(field.Value.IsMapped(Read(field.Key, field.Value.Value)), field.Key));

    [Fact]
    public void FromExecutionSettings_IgnoredField_ChangesNothingElse() => Assert.All(Ignored, field =>
    {
        ChatOptions options = Read(field.Key, field.Value);
        options.AdditionalProperties = null; // what the client does not know there it leaves alone
        Assert.Equal(JsonSerializer.Serialize(new ChatOptions()), JsonSerializer.Serialize(options));
    });

    [Fact]
    public void FromExecutionSettings_ToolCallBehavior_IsRefusedWithAWayOut()
    {
        OpenAIPromptExecutionSettings settings = new() { ToolCallBehavior = ToolCallBehavior.AutoInvokeKernelFunctions };
        NotSupportedException exception = Assert.Throws<NotSupportedException>(
            () => KvNormPromptExecutionSettings.FromExecutionSettings(settings));
        Assert.Contains("FunctionChoiceBehavior", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromExecutionSettings_ResponseFormatOfOpenAIsLibrary_IsRefusedByName()
    {
        OpenAIPromptExecutionSettings settings = new() { ResponseFormat = OpenAI.Chat.ChatResponseFormat.CreateJsonObjectFormat() };
        ArgumentException exception = Assert.Throws<ArgumentException>(
            () => KvNormPromptExecutionSettings.FromExecutionSettings(settings).ToChatOptions(kernel: null));
        Assert.Contains("OpenAI.Chat", exception.Message, StringComparison.Ordinal);
    }

    private static ChatOptions Read(string name, object value)
    {
        OpenAIPromptExecutionSettings settings = new();
        Properties.Single(property => Name(property) == name).SetValue(settings, value);
        return KvNormPromptExecutionSettings.FromExecutionSettings(settings).ToChatOptions(kernel: null)!;
    }

    private static string Name(PropertyInfo property) => property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? property.Name;
}
