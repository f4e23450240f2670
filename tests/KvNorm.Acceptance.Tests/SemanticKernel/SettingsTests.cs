using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KvNorm.SemanticKernel;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;

namespace KvNorm.Acceptance.Tests.SemanticKernel;

public sealed class SettingsTests(KernelFixture fixture) : KernelTests(fixture)
{
    private const int JsonTokens = 120;

    private static readonly JsonElement Schema = JsonSerializer.SerializeToElement(new
    {
        type = "object",
        properties = new { City = new { type = "string", maxLength = 10 }, Rank = new { type = "integer", minimum = 1, maximum = 9 } },
        required = new[] { "City", "Rank" },
        additionalProperties = false,
    });

    [Fact]
    public async Task MaxTokens_Three_AreThree() =>
        Assert.Equal(3, OutputTokens(await AskAsync(With(("max_tokens", 3), ("temperature", 0)))));

    [Fact]
    public async Task Seed_TheSame_RepeatsTheText()
    {
        PromptExecutionSettings settings = With(("seed", 5), ("temperature", 1.5), ("max_tokens", 12));
        Assert.Equal((await AskAsync(settings)).Content, (await AskAsync(settings)).Content);
    }

    [Fact]
    public async Task Seed_Others_GiveOtherTexts()
    {
        HashSet<string> texts = new(StringComparer.Ordinal);
        for (int seed = 0; seed < 4; seed++)
            texts.Add((await AskAsync(With(("seed", seed), ("temperature", 1.5), ("max_tokens", 12)))).Content!);
        Assert.True(texts.Count > 1);
    }

    [Fact]
    public async Task StopSequences_Reached_EndTheAnswerBeforeThem()
    {
        string whole = (await AskAsync(Brief(20))).Content!;
        string stop = whole.Split(' ')[2];
        string stopped = (await AskAsync(With(("stop_sequences", (string[])[stop]), ("temperature", 0), ("max_tokens", 20)))).Content!;
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], stopped);
    }

    [Fact]
    public async Task MinP_One_LeavesTheMostLikelyToken() =>
        Assert.Equal(
            (await AskAsync(Brief())).Content,
            (await AskAsync(With(("min_p", 1.0), ("temperature", 1.5), ("seed", 3), ("max_tokens", 12)))).Content);

    [Fact]
    public async Task RepeatPenalty_High_ChangesTheText()
    {
        string plain = (await AskAsync(Brief(40))).Content!;
        Assert.NotEqual(
            plain, (await AskAsync(With(("repeat_penalty", 5.0), ("temperature", 0), ("max_tokens", 40)))).Content, StringComparer.Ordinal);
    }

    [Fact]
    public async Task MinP_Impossible_IsRefusedByItsName()
    {
        ArgumentException exception = await Assert.ThrowsAnyAsync<ArgumentException>(() => AskAsync(With(("min_p", 7))));
        Assert.Contains("min_p", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResponseFormat_JsonObject_IsJson()
    {
        string text = (await AskAsync(With(("response_format", "json_object"), ("temperature", 0), ("max_tokens", JsonTokens)))).Content!;
        Assert.Matches(@"^\s*[{\[]", text);
    }

    public static TheoryData<string> Formats =>
        ["schema", "type", "OpenAI's object", "OpenAI's settings with a type", "own settings with a type"];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task ResponseFormat_Schema_IsKept(string way)
    {
        PromptExecutionSettings settings = way switch
        {
            "schema" => With(("response_format", Schema), ("max_tokens", JsonTokens), ("temperature", 0)),
            "type" => With(("response_format", typeof(Place)), ("max_tokens", JsonTokens), ("temperature", 0)),
            "OpenAI's object" => With(
                ("response_format", JsonNode.Parse(
                    """{"type":"json_schema","json_schema":{"name":"place","strict":true,"schema":"""
                    + $$$"""{{{Schema.GetRawText()}}}}}""")!),
                ("max_tokens", JsonTokens),
                ("temperature", 0)),
            "OpenAI's settings with a type" =>
                new OpenAIPromptExecutionSettings { ResponseFormat = typeof(Place), MaxTokens = JsonTokens, Temperature = 0 },
            _ => new KvNormPromptExecutionSettings { ResponseFormat = typeof(Place), MaxTokens = JsonTokens, Temperature = 0 },
        };
        ChatHistory history = [new ChatMessageContent(AuthorRole.User, "Name a city.")];
        string text = (await Service(Kernel()).GetChatMessageContentAsync(history, settings)).Content!;
        Place place = JsonSerializer.Deserialize<Place>(text)!;
        Assert.NotNull(place.City);
    }

    [Fact]
    public async Task OpenAISettings_Prompt_AreObeyed()
    {
        OpenAIPromptExecutionSettings settings =
            new() { MaxTokens = 4, Temperature = 0, Seed = 1, TopP = 0.9, User = "anna", ChatSystemPrompt = "Answer in one word." };
        FunctionResult result = await Kernel().InvokePromptAsync("What is the sea?", new KernelArguments(settings));
        Assert.Equal(4, OutputTokens(result.GetValue<ChatMessageContent>()!));
    }

    [Fact]
    public async Task ChatSystemPrompt_HistoryWithoutOne_IsItsSystemPrompt()
    {
        ChatHistory bare = [new ChatMessageContent(AuthorRole.User, "What is the sea?")];
        OpenAIPromptExecutionSettings settings = new() { MaxTokens = 12, Temperature = 0, ChatSystemPrompt = "Answer in one sentence." };
        string expected = (await AskAsync(Brief())).Content!;
        Assert.Equal(expected, (await Service(Kernel()).GetChatMessageContentAsync(bare, settings)).Content);
        Assert.Single(bare);
        settings.ChatSystemPrompt = "Answer in Latin.";
        Assert.Equal(expected, (await Service(Kernel()).GetChatMessageContentAsync(Question, settings)).Content);
    }

    private async Task<ChatMessageContent> AskAsync(PromptExecutionSettings settings) =>
        await Service(Kernel()).GetChatMessageContentAsync(Question, settings);

    // As they come from a prompt file or from code that knows no service.
    private static PromptExecutionSettings With(params (string Name, object Value)[] fields) =>
        new() { ExtensionData = fields.ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal) };

    private sealed record Place(string City, Size Size);

    [JsonConverter(typeof(JsonStringEnumConverter))]
    private enum Size
    {
        Small,
        Large,
    }
}
