using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>What of a resent conversation is not read again, and that it makes no difference to the text.</summary>
public sealed class KvNormChatClientReuseTests(EmbeddedClientFixture shared) : IClassFixture<EmbeddedClientFixture>
{
    // Short, since llama.cpp computes batches of 64 tokens and more by another kernel: below that the numbers, and so the greedy text, are
    // exactly the same however a prompt is cut into batches.
    private static readonly ChatMessage[] History =
        [Instruct("Be brief."), User("Hi"), Assistant("Yes?"), User("Count."), Assistant("One"), User("Go on.")];

    private readonly KvNormChatClient _client = shared.Client;

    public static TheoryData<string> Edits => new(
        "same", "append", "change last", "drop last", "drop first turn", "drop first two turns", "change system", "drop system",
        "change an answer", "insert in the middle");

    [Theory]
    [InlineData(40)] // ends by itself: every token of the answer has been decoded
    [InlineData(5)]  // cut: the last token has been drawn but not decoded
    public async Task GetResponseAsync_SecondTurn_ReadsOnlyTheNewPart(int most)
    {
        ChatMessage[] first = [Instruct("You are a helpful AI assistant."), User("hello")];
        ChatResponse answer = await _client.GetResponseAsync(first, Greedy(most));
        long decoded = answer.Usage!.InputTokenCount!.Value
            + answer.Usage.OutputTokenCount!.Value - (answer.FinishReason == ChatFinishReason.Length ? 1 : 0);
        Assert.Equal(decoded, _client.Statistics.LogicalTokens);
        long seen = _client.Statistics.TokensSeen;

        ChatResponse next = await _client.GetResponseAsync([.. first, .. answer.Messages, User("How are you?")], Greedy(1));
        Assert.Equal(decoded, next.Usage!.CachedInputTokenCount);
        Assert.Equal(next.Usage.InputTokenCount - decoded, _client.Statistics.TokensSeen - seen);
    }

    [Fact]
    public async Task GetResponseAsync_AnswersThatTokeniseDifferentlyAsText_AreStillReused()
    {
        int retokenised = 0;
        for (int seed = 0; seed < 8; seed++)
        {
            ChatMessage[] first = [User("Write random letters and numbers.")];
            ChatResponse answer = await _client.GetResponseAsync(
                first,
                new ChatOptions
                {
                    Temperature = 5,
                    TopK = 0,
                    TopP = 1,
                    MaxOutputTokens = 12,
                    Seed = seed,
                    AdditionalProperties = new AdditionalPropertiesDictionary { ["min_p"] = 0 },
                });
            List<int> tokens = [];
            _client.Model.Vocabulary.TokenizeText(answer.Text, tokens);
            if (tokens.Count != answer.Usage!.OutputTokenCount)
                retokenised++;
            ChatResponse next = await _client.GetResponseAsync([.. first, .. answer.Messages, User("More.")], Greedy(1));
            Assert.True(next.Usage!.CachedInputTokenCount >= answer.Usage.TotalTokenCount - 1, $"'{answer.Text}' was read again");
        }

        Assert.NotEqual(0, retokenised);
    }

    [Fact]
    public async Task GetResponseAsync_Regenerate_ReadsOneToken()
    {
        string first = await _client.AnswerAsync(History);
        long seen = _client.Statistics.TokensSeen;
        ChatResponse again = await _client.GetResponseAsync(History, Greedy(1));
        Assert.Equal(again.Usage!.InputTokenCount - 1, again.Usage.CachedInputTokenCount);
        Assert.Equal(1, _client.Statistics.TokensSeen - seen);
        Assert.StartsWith(again.Text, first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponseAsync_OtherConversation_ReusesWhatBothBeginWith()
    {
        await _client.AnswerAsync(History, 1);
        ChatResponse other = await _client.GetResponseAsync([History[0], History[1], User("Never mind.")], Greedy(1));
        string common = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>";
        Assert.StartsWith(
            common,
            string.Concat(_client.GetRetention().Take((int)other.Usage!.CachedInputTokenCount!.Value).Select(token => token.Text)),
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Edits))]
    public async Task GetResponseAsync_EditedHistory_GivesTheTextOfAFreshClient(string edit)
    {
        string answer = await _client.AnswerAsync(History, 4);
        ChatMessage[] edited = edit switch
        {
            "same" => History,
            "append" => [.. History, Assistant(answer), User("Why?")],
            "change last" => [.. History[..5], User("Stop.")],
            "drop last" => History[..4],
            "drop first turn" => [History[0], .. History[3..]],
            "drop first two turns" => [History[0], History[5]],
            "change system" => [Instruct("Be a pirate."), .. History[1..]],
            "drop system" => History[1..],
            "change an answer" => [.. History[..2], Assistant("What?"), .. History[3..]],
            _ => [.. History[..3], User("Eh?"), .. History[3..]],
        };
        Assert.Equal(await FreshAnswerAsync(edited), await _client.AnswerAsync(edited));
        Assert.Equal(0, _client.Statistics.Evictions);
    }

    [Fact]
    public async Task GetResponseAsync_AlternatingConversations_EachGivesTheTextOfAFreshClient()
    {
        ChatMessage[] other = [User("Name a fruit.")];
        string[] expected = [await FreshAnswerAsync(History), await FreshAnswerAsync(other)];
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(expected[0], await _client.AnswerAsync(History));
            Assert.Equal(expected[1], await _client.AnswerAsync(other));
        }
    }
}
