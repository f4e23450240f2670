using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests;

/// <summary>How tokens are drawn, seen from outside.</summary>
public sealed class KvNormChatClientSamplingTests(EmbeddedClientFixture shared) : IClassFixture<EmbeddedClientFixture>
{
    private static readonly ChatMessage[] Question = [User("Write a story about a dragon.")];

    private readonly KvNormChatClient _client = shared.Client;

    [Fact]
    public async Task GetResponseAsync_DifferentSeeds_Vary() =>
        Assert.True(
            (await DrawAsync(seed => new ChatOptions { Temperature = 1.5f, MaxOutputTokens = 12, Seed = seed }))
                .Distinct(StringComparer.Ordinal).Count() > 1);

    // The extremes of every setting: llama.cpp's asserts would end the process.
    [Theory]
    [InlineData(1e-45f, 0f, 0f)]
    [InlineData(1e-30f, 0f, 0f)]
    [InlineData(100f, 0f, 0f)]
    [InlineData(1f, 100f, 100f)]
    [InlineData(1f, -100f, -100f)]
    [InlineData(0f, 100f, -100f)]
    public async Task GetResponseAsync_ExtremeSettings_AreAnswered(float temperature, float frequency, float presence)
    {
        ChatOptions options = new()
        {
            Temperature = temperature,
            FrequencyPenalty = frequency,
            PresencePenalty = presence,
            TopK = int.MaxValue,
            TopP = 1,
            MaxOutputTokens = 4,
            Seed = int.MinValue,
        };
        ChatResponse response = await _client.GetResponseAsync(Question, options);
        Assert.InRange(response.Usage!.OutputTokenCount!.Value, 0, 4);
        Assert.NotNull(response.FinishReason);
    }

    [Theory]
    [InlineData(3e38f, 0f, 0f)]
    [InlineData(-1f, 0f, 0f)]
    [InlineData(float.NaN, 0f, 0f)]
    [InlineData(1f, 3e38f, 0f)]
    [InlineData(1f, 0f, -3e38f)]
    public async Task GetResponseAsync_SettingsOutOfRange_AreArgumentErrors(float temperature, float frequency, float presence) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _client.GetResponseAsync(
            Question, new ChatOptions { Temperature = temperature, FrequencyPenalty = frequency, PresencePenalty = presence }));

    // -1 is llama.cpp's own way to ask for a seed of its choice, but a caller's seed is a seed.
    [Fact]
    public async Task GetResponseAsync_SeedMinusOne_Repeats() =>
        Assert.Single(
            (await DrawAsync(_ => new ChatOptions { Temperature = 1.5f, MaxOutputTokens = 12, Seed = -1 }))
                .Distinct(StringComparer.Ordinal));

    private async Task<List<string>> DrawAsync(Func<int, ChatOptions> options)
    {
        List<string> texts = [];
        for (int draw = 0; draw < 4; draw++)
            texts.Add((await _client.GetResponseAsync(Question, options(draw))).Text);
        return texts;
    }
}
