using System.Text.Json;
using KvNorm.Chat.Requests;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Requests.ChatRequestTests;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Requests;

/// <summary>What the options of a call become.</summary>
public sealed class ChatRequestOptionsTests
{
    private static readonly AITool Adder = AIFunctionFactory.Create((int a, int b) => a + b, "add");

    public static TheoryData<ChatOptions, string> Unsupported => new()
    {
        { new ChatOptions { ModelId = "gpt-9" }, "gpt-9" },
    };

    public static TheoryData<object> Numbers =>
        new() { 1, 1L, 1.0, 1f, 1m, "1", "1.0", JsonSerializer.SerializeToElement(1), JsonSerializer.SerializeToElement("1") };

    public static TheoryData<object> NoNumbers => new()
    {
        "much",
        "",
        true,
        "1,5",
        new object(),
        JsonSerializer.SerializeToElement("much"),
        JsonSerializer.SerializeToElement(false),
    };

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void Create_SomethingUnsupported_IsNamed(ChatOptions options, string name)
    {
        NotSupportedException e = Assert.Throws<NotSupportedException>(() => Create([User("Hi")], options));
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"integer"}}}""", """{"type":"integer"}""")]
    [InlineData("""{"type":"json_schema"}""", """{"type":"json_schema"}""")] // refused later: the caller's own schema
    [InlineData("""{"type":"string"}""", """{"type":"string"}""")]
    public void Create_SchemaWrappedAsForOpenAI_IsTakenOut(string given, string expected)
    {
        ChatOptions options = new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(given)) };
        Assert.Equal(expected, Create([User("Hi")], options).Json!.Schema!.Value.GetRawText());
    }

    [Fact]
    public void Create_ForeignModelId_NamesTheModelServed()
    {
        NotSupportedException e = Assert.Throws<NotSupportedException>(() => Create([User("Hi")], new ChatOptions { ModelId = "gpt-9" }));
        Assert.Contains(TestClient.EmbeddedName, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_WhatChangesNothing_IsAccepted()
    {
        ChatOptions options = new()
        {
            Tools = [Adder],
            ToolMode = ChatToolMode.None,
            ResponseFormat = ChatResponseFormat.Text,
            ConversationId = "",
            ModelId = TestClient.EmbeddedName,
            AdditionalProperties = new AdditionalPropertiesDictionary { ["xtc_threshold"] = "of some other backend", ["min_p"] = null },
        };
        Assert.Equal(new SamplingOptions(), Create([User("Hi")], options).Sampling);
    }

    [Fact]
    public void Create_ModelIdInOtherCase_IsAccepted() =>
        Assert.Single(Create([User("Hi")], new ChatOptions { ModelId = TestClient.EmbeddedName.ToUpperInvariant() }).Messages);

    [Fact]
    public void Create_ToolModeWithoutTools_IsAccepted() =>
        Assert.Single(Create([User("Hi")], new ChatOptions { Tools = [], ToolMode = ChatToolMode.Auto }).Messages);

    [Fact]
    public void Create_AllOptions_AreMapped()
    {
        ChatOptions options = new()
        {
            Temperature = 0.3f,
            TopP = 0.8f,
            TopK = 7,
            Seed = -1,
            FrequencyPenalty = 0.1f,
            PresencePenalty = 0.2f,
            MaxOutputTokens = 99,
            StopSequences = ["END", "\n"],
            AdditionalProperties = new AdditionalPropertiesDictionary
            {
                ["min_p"] = 0.25,
                ["typical_p"] = "0.5",
                ["repeat_penalty"] = 2,
                ["repeat_last_n"] = 16,
                ["mirostat"] = 2,
                ["mirostat_tau"] = 4.5,
                ["mirostat_eta"] = "0.25",
            },
        };
        ChatRequest request = Create([User("Hi")], options);
        SamplingOptions expected = new()
        {
            Temperature = 0.3f,
            TopP = 0.8f,
            TopK = 7,
            Seed = uint.MaxValue,
            FrequencyPenalty = 0.1f,
            PresencePenalty = 0.2f,
            MinP = 0.25f,
            TypicalP = 0.5f,
            Mirostat = true,
            MirostatTau = 4.5f,
            MirostatEta = 0.25f,
            RepeatPenalty = 2,
            RepeatLastTokens = 16,
        };
        Assert.Equal(expected, request.Sampling);
        Assert.Equal(99, request.MaxOutputTokens);
        Assert.Equal(["END", "\n"], request.StopSequences);
    }

    [Fact]
    public void Create_NothingSet_TakesTheClientsDefaults()
    {
        KvNormChatOptions defaults = new() { MaxOutputTokens = 5, Sampling = new SamplingOptions { Temperature = 0.1f, Seed = 3 } };
        ChatRequest request = Create([User("Hi")], new ChatOptions(), defaults);
        Assert.Equal(defaults.Sampling, request.Sampling);
        Assert.Equal(5, request.MaxOutputTokens);
        Assert.Empty(request.StopSequences);
        Assert.Equivalent(request, Create([User("Hi")], options: null, defaults));
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Create_AdditionalNumber_IsReadInAnyForm(object value)
    {
        SamplingOptions sampling = Create([User("Hi")], With("min_p", value)).Sampling;
        Assert.Equal(1, sampling.MinP);
    }

    [Theory]
    [MemberData(nameof(NoNumbers))]
    public void Create_AdditionalNonNumber_IsNamed(object value)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => Create([User("Hi")], With("min_p", value)));
        Assert.Contains("min_p", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("repeat_last_n", 2e9)] // llama.cpp allocates four bytes for each: without the memory it ends the process
    [InlineData("repeat_last_n", 1e20)]
    [InlineData("repeat_last_n", -1e20)]
    [InlineData("repeat_last_n", double.NaN)]
    [InlineData("repeat_last_n", -1.0)]
    [InlineData("min_p", double.NaN)]
    [InlineData("min_p", 1.5)]
    [InlineData("typical_p", -0.5)]
    [InlineData("mirostat", 1)]
    [InlineData("mirostat_tau", 0)]
    [InlineData("repeat_penalty", double.PositiveInfinity)]
    [InlineData("repeat_penalty", 0.0)]
    public void Create_AdditionalNumberOutOfRange_IsAnArgumentError(string name, double value) =>
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => Create([User("Hi")], With(name, value))).ParamName);

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Create_TemperatureOutOfRange_IsNamed(float temperature)
    {
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(
            () => Create([User("Hi")], new ChatOptions { Temperature = temperature }));
        Assert.Equal("Temperature", e.ParamName);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void Create_NoOutputTokens_IsNamed(int tokens)
    {
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(
            () => Create([User("Hi")], new ChatOptions { MaxOutputTokens = tokens }));
        Assert.Equal("MaxOutputTokens", e.ParamName);
    }

    [Fact]
    public void Create_RawRepresentationFactory_IsTheStartForTheOthers()
    {
        SilentChatClient client = new();
        IChatClient? given = null;
        ChatOptions options = new()
        {
            TopK = 3,
            RawRepresentationFactory = asking =>
            {
                given = asking;
                return new SamplingOptions { TopK = 99, TypicalP = 0.4f };
            },
        };
        SamplingOptions sampling = Create([User("Hi")], options, client: client).Sampling;
        Assert.Equal(new SamplingOptions { TopK = 3, TypicalP = 0.4f }, sampling);
        Assert.Same(client, given);
    }

    [Fact]
    public void Create_RawRepresentationOfAnotherBackend_IsIgnored() =>
        Assert.Equal(new SamplingOptions(), Create([User("Hi")], new ChatOptions { RawRepresentationFactory = _ => "unrelated" }).Sampling);

    private static ChatOptions With(string name, object value) =>
        new() { AdditionalProperties = new AdditionalPropertiesDictionary { [name] = value } };
}
