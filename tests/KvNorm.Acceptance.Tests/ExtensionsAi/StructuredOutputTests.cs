using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests.ExtensionsAi;

/// <summary>Answers as values of .NET types. The grammar makes them; the small model would not.</summary>
[Collection(SharedModel.Name)]
public sealed class StructuredOutputTests(ChatClientFixture shared)
{
    private const string Question = "One short example, please.";

    public enum Colour
    {
        Red,
        Green,
        Blue,
    }

    [Fact]
    public Task GetResponseAsync_Class_IsRead() => RequireAsync<Place>(place => Assert.NotNull(place.Name));

    [Fact]
    public Task GetResponseAsync_Record_IsRead() => RequireAsync<Answer>(answer => Assert.NotNull(answer.Word));

    [Fact]
    public Task GetResponseAsync_Array_IsRead() => RequireAsync<Colour[]>(Assert.NotNull);

    [Fact]
    public Task GetResponseAsync_Dictionary_IsRead() =>
        RequireAsync<Dictionary<string, bool>>(Assert.NotNull, """Repeat this: { "ripe": true }""");

    [Fact]
    public Task GetResponseAsync_Int32_IsRead() => RequireAsync<int>();

    [Fact]
    public Task GetResponseAsync_Boolean_IsRead() => RequireAsync<bool>();

    [Fact]
    public Task GetResponseAsync_String_IsRead() => RequireAsync<string>();

    [Fact]
    public Task GetResponseAsync_Enum_IsRead() => RequireAsync<Colour>(colour => Assert.True(Enum.IsDefined(colour)));

    [Fact]
    public Task GetResponseAsync_DateOnly_IsRead() => RequireAsync<DateOnly>();

    [Fact]
    public Task GetResponseAsync_TimeOnly_IsRead() => RequireAsync<TimeOnly>(question: "Repeat this time: 12:30:00");

    [Fact]
    public Task GetResponseAsync_DateTimeOffset_IsRead() => RequireAsync<DateTimeOffset>();

    [Fact]
    public Task GetResponseAsync_Guid_IsRead() => RequireAsync<Guid>();

    [Fact]
    public Task GetResponseAsync_Decimal_IsRead() => RequireAsync<decimal>();

    [Fact]
    public Task GetResponseAsync_TimeSpan_IsRead() => RequireAsync<TimeSpan>();

    [Fact]
    public Task GetResponseAsync_Uri_IsRead() => RequireAsync<Uri>(question: "Repeat this address: https://example.org");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task GetResponseAsync_ClassWithoutRequiredProperties_HasAllOfThem(long seed)
    {
        ChatOptions options = new() { Temperature = 1, Seed = seed, MaxOutputTokens = 80 };
        ChatResponse<Loose> response = await shared.Client.GetResponseAsync<Loose>(Question, options);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        JsonElement answer = JsonElement.Parse(response.Text);
        Assert.True(answer.TryGetProperty("colour", out _) && answer.TryGetProperty("ripe", out _), response.Text);
    }

    [Fact]
    public async Task GetResponseAsync_JsonWithoutASchema_IsAnObject()
    {
        ChatOptions options = Short();
        options.ResponseFormat = ChatResponseFormat.Json;
        ChatResponse response = await shared.Client.GetResponseAsync("Repeat this: [1]", options);
        Assert.StartsWith("{", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponseAsync_SchemaInThePromptOnly_IsAJsonObject()
    {
        ChatResponse<Answer> response = await shared.Client.GetResponseAsync<Answer>(Question, Short(), useJsonSchemaResponseFormat: false);
        Assert.StartsWith("{", response.Text, StringComparison.Ordinal);
        if (response.FinishReason == ChatFinishReason.Stop)
            Assert.Equal(JsonValueKind.Object, JsonElement.Parse(response.Text).ValueKind);
    }

    // The penalty ends what the small model would repeat for ever.
    private static ChatOptions Short() => new() { Temperature = 0, FrequencyPenalty = 1, MaxOutputTokens = 120 };

    private async Task RequireAsync<T>(Action<T>? check = null, string question = Question)
    {
        ChatResponse<T> response = await shared.Client.GetResponseAsync<T>(question, Short());
        Assert.True(response.FinishReason == ChatFinishReason.Stop, response.Text);
        check?.Invoke(response.Result);
        Assert.True(response.TryGetResult(out _), response.Text);
    }

    private sealed class Place
    {
        public required string Name { get; set; }

        public int? People { get; set; }
    }

    private sealed record Answer(string Word, bool IsTrue);

    private sealed class Loose
    {
        public Colour Colour { get; set; }

        public bool Ripe { get; set; }
    }
}
