using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace KvNorm.SemanticKernel.Tests;

public sealed class KvNormPromptExecutionSettingsTests
{
    private const string PromptFile = """
        {
          "temperature": 0.5, "top_p": 0.9, "top_k": 20, "min_p": 0.1, "typical_p": 0.8, "repeat_penalty": 1.2, "repeat_last_n": 32, "frequency_penalty": 0.3,
          "presence_penalty": 0.4, "mirostat": 2, "mirostat_tau": 4, "mirostat_eta": 0.2, "seed": 7, "max_tokens": 11, "stop_sequences": ["a", "b"],
          "response_format": "json_object", "reasoning_effort": "low", "chat_system_prompt": "Be brief.", "chat_developer_prompt": "Be kind.",
          "model_id": "model", "service_id": "service", "min_cells": 100, "eviction_policy": "salience", "something_else": 5
        }
        """;

    [Fact]
    public void Deserialize_PromptFile_SetsEveryField()
    {
        KvNormPromptExecutionSettings settings = JsonSerializer.Deserialize<KvNormPromptExecutionSettings>(PromptFile)!;
        Assert.All(
            typeof(KvNormPromptExecutionSettings).GetProperties()
                .Where(property => property.SetMethod is { IsPublic: true } && property.Name != nameof(settings.FunctionChoiceBehavior)),
            property => Assert.NotNull(property.GetValue(settings)));
        Assert.Equal("something_else", Assert.Single(settings.ExtensionData!).Key);
    }

    [Fact]
    public void FromExecutionSettings_SettingsOfAPromptFile_AreReadByTheirNames()
    {
        PromptExecutionSettings foreign = JsonSerializer.Deserialize<PromptExecutionSettings>(PromptFile)!;
        foreign.FunctionChoiceBehavior = FunctionChoiceBehavior.Auto();
        KvNormPromptExecutionSettings settings = KvNormPromptExecutionSettings.FromExecutionSettings(foreign);
        Assert.Equal(JsonSerializer.Serialize(JsonSerializer.Deserialize<KvNormPromptExecutionSettings>(PromptFile)), Json(settings));
        Assert.Same(foreign.FunctionChoiceBehavior, settings.FunctionChoiceBehavior);

        static string Json(KvNormPromptExecutionSettings settings)
        {
            settings = (KvNormPromptExecutionSettings)settings.Clone();
            settings.FunctionChoiceBehavior = null;
            return JsonSerializer.Serialize(settings);
        }
    }

    [Fact]
    public void FromExecutionSettings_Objects_AreReadAsWhatTheyAre()
    {
        PromptExecutionSettings foreign = new()
        {
            ExtensionData = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["temperature"] = 1,
                ["TOP_K"] = "5",
                ["max_tokens"] = 8.0,
                ["seed"] = JsonSerializer.SerializeToElement(9),
                ["stop_sequences"] = new[] { "x" },
            },
        };
        KvNormPromptExecutionSettings settings = KvNormPromptExecutionSettings.FromExecutionSettings(foreign);
        Assert.Equal(
            (1, 5, 8, 9L, "x"), (settings.Temperature, settings.TopK, settings.MaxTokens, settings.Seed, settings.StopSequences?.Single()));
        Assert.Null(settings.ExtensionData);
    }

    [Fact]
    public void FromExecutionSettings_NoneOrOwn_AreEmptyOrThemselves()
    {
        Assert.Null(KvNormPromptExecutionSettings.FromExecutionSettings(null).Temperature);
        KvNormPromptExecutionSettings own = new();
        Assert.Same(own, KvNormPromptExecutionSettings.FromExecutionSettings(own));
    }

    [Theory]
    [InlineData("temperature", "hot")]
    [InlineData("max_tokens", 1.5)]
    [InlineData("stop_sequences", "one")]
    public void FromExecutionSettings_ImpossibleValue_IsAnErrorThatNamesTheField(string name, object value)
    {
        PromptExecutionSettings foreign = new()
        {
            ExtensionData = new Dictionary<string, object>(StringComparer.Ordinal) { [name] = value },
        };
        ArgumentException exception = Assert.Throws<ArgumentException>(() => KvNormPromptExecutionSettings.FromExecutionSettings(foreign));
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Clone_EveryField_IsCopied()
    {
        KvNormPromptExecutionSettings settings = JsonSerializer.Deserialize<KvNormPromptExecutionSettings>(PromptFile)!;
        settings.FunctionChoiceBehavior = FunctionChoiceBehavior.None();
        settings.Freeze();
        KvNormPromptExecutionSettings clone = Assert.IsType<KvNormPromptExecutionSettings>(settings.Clone());
        Assert.Equal(JsonSerializer.Serialize(settings), JsonSerializer.Serialize(clone));
        Assert.Same(settings.FunctionChoiceBehavior, clone.FunctionChoiceBehavior);
        Assert.False(clone.IsFrozen);
        clone.StopSequences!.Add("c");
        clone.ExtensionData!["more"] = 1;
        Assert.Equal((2, 1), (settings.StopSequences!.Count, settings.ExtensionData!.Count));
    }

    [Fact]
    public void Freeze_EveryField_CannotBeSet()
    {
        KvNormPromptExecutionSettings settings = new() { StopSequences = ["a"] };
        settings.Freeze();
        settings.Freeze();
        Assert.All(
            typeof(KvNormPromptExecutionSettings).GetProperties().Where(property => property.SetMethod is { IsPublic: true }),
            property => Assert.IsType<InvalidOperationException>(
                Assert.Throws<System.Reflection.TargetInvocationException>(() => property.SetValue(settings, value: null)).InnerException));
        Assert.Throws<NotSupportedException>(() => settings.StopSequences!.Add("b"));
    }

    [Fact]
    public void ToChatOptions_EveryField_IsInTheOptions()
    {
        ChatOptions options = JsonSerializer.Deserialize<KvNormPromptExecutionSettings>(PromptFile)!.ToChatOptions(kernel: null)!;
        Assert.Equal((0.5f, 0.9f, 20, 7L, 11), (options.Temperature, options.TopP, options.TopK, options.Seed, options.MaxOutputTokens));
        Assert.Equal((0.3f, 0.4f), (options.FrequencyPenalty, options.PresencePenalty));
        Assert.Equal(["a", "b"], options.StopSequences);
        Assert.Equal(ReasoningEffort.Low, options.Reasoning!.Effort);
        Assert.Null(Assert.IsType<ChatResponseFormatJson>(options.ResponseFormat).Schema);
        Assert.Equal("Be brief.\n\nBe kind.", options.Instructions);
        Assert.Equal("model", options.ModelId);
        AdditionalPropertiesDictionary more = options.AdditionalProperties!;
        Assert.Equal((0.1, 0.8, 1.2, 32.0), (more["min_p"], more["typical_p"], more["repeat_penalty"], more["repeat_last_n"]));
        Assert.Equal((2.0, 4.0, 0.2), (more["mirostat"], more["mirostat_tau"], more["mirostat_eta"]));
    }

    [Theory]
    [InlineData("none", ReasoningEffort.None)]
    [InlineData("minimal", ReasoningEffort.Low)]
    [InlineData("Medium", ReasoningEffort.Medium)]
    [InlineData("high", ReasoningEffort.High)]
    [InlineData("xhigh", ReasoningEffort.ExtraHigh)]
    public void ToChatOptions_ReasoningEffort_IsTheNamedOne(string text, ReasoningEffort effort) =>
        Assert.Equal(effort, new KvNormPromptExecutionSettings { ReasoningEffort = text }.ToChatOptions(kernel: null)!.Reasoning!.Effort);

    [Fact]
    public void ToChatOptions_UnknownReasoningEffort_IsAnError() =>
        Assert.Throws<ArgumentException>(
            () => new KvNormPromptExecutionSettings { ReasoningEffort = "enormous" }.ToChatOptions(kernel: null));

    [Fact]
    public void ToChatOptions_Nothing_LeavesTheOptionsUnset()
    {
        ChatOptions options = new KvNormPromptExecutionSettings().ToChatOptions(kernel: null)!;
        Assert.Null(options.ResponseFormat);
        Assert.Null(options.Reasoning);
        Assert.Null(options.Instructions);
        Assert.Null(options.AdditionalProperties);
    }

    public static TheoryData<object, bool> Schemas => new()
    {
        { typeof(Answer), true },
        { JsonSerializer.SerializeToElement(Schema), true },
        { Schema, true },
        { Schema.ToJsonString(), true },
        {
            JsonNode.Parse(
                """{ "type": "json_schema", "json_schema": { "name": "Answer", "strict": true,"""
                + $$""" "schema": {{Schema.ToJsonString()}} } }""")!,
            true
        },
        { ChatResponseFormat.ForJsonSchema(JsonSerializer.SerializeToElement(Schema)), true },
        { "json_object", false },
        { JsonNode.Parse("""{ "type": "json_object" }""")!, false },
        { JsonSerializer.SerializeToElement("json_object"), false },
        { ChatResponseFormat.Json, false },
    };

    private static JsonObject Schema =>
        JsonNode.Parse("""{ "type": "object", "properties": { "Text": { "type": "string" } }, "required": ["Text"] }""")!.AsObject();

    [Theory]
    [MemberData(nameof(Schemas))]
    public void ToChatOptions_ResponseFormatInEveryWay_IsTheFormat(object format, bool hasSchema)
    {
        PromptExecutionSettings[] ways =
        [
            new KvNormPromptExecutionSettings { ResponseFormat = format },
            new PromptExecutionSettings
            {
                ExtensionData = new Dictionary<string, object>(StringComparer.Ordinal) { ["response_format"] = format },
            },
        ];
        Assert.All(ways, way =>
        {
            ChatOptions options = KvNormPromptExecutionSettings.FromExecutionSettings(way).ToChatOptions(kernel: null)!;
            ChatResponseFormatJson json = Assert.IsType<ChatResponseFormatJson>(options.ResponseFormat);
            Assert.Equal(hasSchema, json.Schema?.GetProperty("properties").TryGetProperty("Text", out _) ?? false);
        });
    }

    [Fact]
    public void ToChatOptions_TextAsResponseFormat_IsText() =>
        Assert.IsType<ChatResponseFormatText>(
            new KvNormPromptExecutionSettings { ResponseFormat = "text" }.ToChatOptions(kernel: null)!.ResponseFormat);

    [Theory]
    [InlineData("yaml")]
    [InlineData("[1]")]
    [InlineData("""{ "type": "json_schema" }""")]
    public void ToChatOptions_UnknownResponseFormat_IsAnErrorThatNamesIt(string format)
    {
        PromptExecutionSettings foreign = new()
        {
            ExtensionData = new Dictionary<string, object>(StringComparer.Ordinal) { ["response_format"] = format },
        };
        ArgumentException exception = Assert.Throws<ArgumentException>(
            () => KvNormPromptExecutionSettings.FromExecutionSettings(foreign).ToChatOptions(kernel: null));
        Assert.Contains(format, exception.Message, StringComparison.Ordinal);
    }

    private sealed record Answer(string Text);
}
