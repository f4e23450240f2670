using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Contract;

/// <content>What an answer looks like.</content>
public abstract partial class ChatClientContractTests
{
    [Fact]
    public async Task GetStreamingResponseAsync_EveryUpdate_SaysWhoseItIs()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;
        List<ChatResponseUpdate> updates = await StreamAsync(Question, Greedy());
        Assert.All(updates, update =>
        {
            Assert.Equal(ChatRole.Assistant, update.Role);
            Assert.False(string.IsNullOrEmpty(update.ResponseId));
            Assert.Equal(updates[0].ResponseId, update.ResponseId);
            Assert.False(string.IsNullOrEmpty(update.MessageId));
            Assert.Equal(updates[0].MessageId, update.MessageId);
            Assert.Equal(provider.ModelName, update.ModelId);
            Assert.InRange(update.CreatedAt!.Value, before, DateTimeOffset.UtcNow);
        });
    }

    [Fact]
    public async Task GetResponseAsync_TwoAnswers_HaveDifferentIds()
    {
        ChatResponse one = await Client.GetResponseAsync(Question, Greedy(2)), two = await Client.GetResponseAsync(Question, Greedy(2));
        Assert.NotEqual(one.ResponseId, two.ResponseId, StringComparer.Ordinal);
        Assert.NotEqual(one.Messages[0].MessageId, two.Messages[0].MessageId, StringComparer.Ordinal);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_NoConversationIdSent_NeverReturnsOne()
    {
        List<ChatResponseUpdate> updates = await StreamAsync(Question, Greedy(2));
        Assert.All(updates, update => Assert.Null(update.ConversationId));
        Assert.Null(updates.ToChatResponse().ConversationId);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_Usage_IsOnceAndInTheLastUpdate()
    {
        List<ChatResponseUpdate> updates = await StreamAsync(Question, Greedy());
        UsageContent usage = Assert.Single(updates.SelectMany(update => update.Contents).OfType<UsageContent>());
        Assert.Contains(usage, updates[^1].Contents);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_FinishReason_IsInTheLastUpdateOnly()
    {
        List<ChatResponseUpdate> updates = await StreamAsync(Question, Greedy());
        Assert.NotNull(updates[^1].FinishReason);
        Assert.All(updates.SkipLast(1), update => Assert.Null(update.FinishReason));
    }

    [Fact]
    public async Task GetStreamingResponseAsync_Text_ComesInMoreThanOneChunk()
    {
        List<ChatResponseUpdate> updates = await StreamAsync(Question, Greedy());
        Assert.True(updates.Count(update => update.Text.Length > 0) > 1);
    }

    [Fact]
    public async Task ToChatResponse_CoalescedText_IsOneTextContent()
    {
        List<ChatResponseUpdate> updates = await StreamAsync(Question, Greedy());
        ChatMessage message = Assert.Single(updates.ToChatResponse().Messages);
        Assert.Equal(updates.Text(), Assert.IsType<TextContent>(Assert.Single(message.Contents)).Text);
    }

    [Fact]
    public async Task GetResponseAsync_Greedy_IsTheStreamCoalesced()
    {
        ChatResponse streamed = (await StreamAsync(Question, Greedy())).ToChatResponse();
        ChatResponse response = await Client.GetResponseAsync(Question, Greedy());
        Assert.Equal(streamed.Text, response.Text);
        ChatMessage message = Assert.Single(response.Messages);
        Assert.Equal(ChatRole.Assistant, message.Role);
        Assert.IsType<TextContent>(Assert.Single(message.Contents));
        Assert.Equal(streamed.FinishReason, response.FinishReason);
        Assert.Equal(streamed.ModelId, response.ModelId);
        Assert.Equal(streamed.Usage!.TotalTokenCount, response.Usage!.TotalTokenCount);
        Assert.NotNull(response.CreatedAt);
        Assert.Null(response.ConversationId);
    }

    [Fact]
    public async Task GetResponseAsync_Usage_AddsUp()
    {
        UsageDetails usage = (await Client.GetResponseAsync(Question, Greedy())).Usage!;
        Assert.Equal(ShortAnswer, usage.OutputTokenCount);
        Assert.True(usage.InputTokenCount > 0);
        Assert.Equal(usage.InputTokenCount + usage.OutputTokenCount, usage.TotalTokenCount);
        Assert.InRange(usage.CachedInputTokenCount!.Value, 0, usage.InputTokenCount!.Value - 1);
    }

    [Fact]
    public async Task GetResponseAsync_SecondTurn_CountsTheFirstAsCached()
    {
        ChatResponse first = await Client.GetResponseAsync(Question, Greedy());
        ChatResponse second = await Client.GetResponseAsync([.. Question, .. first.Messages, User("Why?")], Greedy(2));
        Assert.InRange(
            second.Usage!.CachedInputTokenCount!.Value, first.Usage!.InputTokenCount!.Value, second.Usage.InputTokenCount!.Value - 1);
    }

    [Fact]
    public async Task GetResponseAsync_AnswerThatEnds_FinishesByStop()
    {
        ChatResponse response = await Client.GetResponseAsync(Greeting, Greedy(40));
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.InRange(response.Usage!.OutputTokenCount!.Value, 1, 39);
        Assert.All(provider.Markers, marker => Assert.DoesNotContain(marker, response.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task GetResponseAsync_MaxOutputTokens_FinishesByLength(int most)
    {
        ChatResponse response = await Client.GetResponseAsync(Question, Greedy(most));
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(most, response.Usage!.OutputTokenCount);
    }
}
