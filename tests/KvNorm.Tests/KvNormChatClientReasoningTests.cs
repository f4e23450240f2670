using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>
/// A template that writes the thoughts of the current turn and drops those of earlier ones. The embedded model does not think of itself,
/// but does as it has seen: the conversation begins with two answers that have the marks in their text.
/// </summary>
public sealed class KvNormChatClientReasoningTests
{
    private const string Turns = """
        {%- set ns = namespace(asked=-1) %}
        {%- for m in messages %}{% if m.role == 'user' %}{% set ns.asked = loop.index0 %}{% endif %}{% endfor %}
        {%- for m in messages %}
        {{- '<|im_start|>' + m.role + '\n' }}
        {%- if m.reasoning_content and loop.index0 > ns.asked %}{{ '<think>' + m.reasoning_content + '</think>' }}{% endif %}
        {{- m.content + '<|im_end|>\n' }}
        {%- endfor %}
        {{- '<|im_start|>assistant\n' }}
        """;

    private const string Opened = Turns + "{{- '<think>' }}";

    private static readonly ChatMessage[] Seen =
        [User("Hi"), Assistant("<think>Hm.</think>Yes."), User("Go"), Assistant("<think>Hm.</think>Yes.")];
    private static readonly ChatMessage[] Asked = [.. Seen, User("Go")];

    [Theory]
    [InlineData(Turns)]
    [InlineData(Opened)]
    public async Task GetResponseAsync_Thought_IsApartFromTheTextAndCounted(string template)
    {
        using KvNormChatClient client = Create(template);
        ChatResponse response = await client.GetResponseAsync(Asked, Greedy(30));
        Assert.Equal("Hm.", Thoughts(response));
        Assert.Equal("Yes.", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.InRange(response.Usage!.ReasoningTokenCount!.Value, 2, response.Usage.OutputTokenCount!.Value - 2);
    }

    [Fact]
    public async Task GetResponseAsync_ThoughtThatDoesNotEnd_IsAllThereIs()
    {
        using KvNormChatClient client = Create(Opened);
        ChatResponse response = await client.GetResponseAsync([User("hello")], Greedy(3));
        Assert.NotEmpty(Thoughts(response));
        Assert.Equal("", response.Text);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(3, response.Usage!.ReasoningTokenCount);
        Assert.NotNull((await client.GetResponseAsync([User("hello"), .. response.Messages, User("And?")], Greedy(3))).FinishReason);
    }

    [Fact]
    public async Task GetResponseAsync_ThoughtOfTheCurrentTurn_IsWrittenAndNotReadAgain()
    {
        using KvNormChatClient client = Create(Turns);
        ChatResponse response = await client.GetResponseAsync(Asked, Greedy(30));
        ChatResponse next = await client.GetResponseAsync([.. Asked, .. response.Messages, Instruct("Say more.")], Greedy(1));
        Assert.EndsWith(
            "<|im_start|>user\nGo<|im_end|>\n<|im_start|>assistant\n<think>Hm.</think>Yes.<|im_end|>\n"
            + "<|im_start|>system\nSay more.<|im_end|>\n<|im_start|>assistant\n",
            Held(client),
            StringComparison.Ordinal);
        Assert.Equal(response.Usage!.TotalTokenCount, next.Usage!.CachedInputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_ThoughtOfAnEarlierTurn_IsGone()
    {
        using KvNormChatClient client = Create(Turns);
        ChatResponse response = await client.GetResponseAsync(Asked, Greedy(30));
        ChatResponse next = await client.GetResponseAsync([.. Asked, .. response.Messages, User("Go")], Greedy(30));
        Assert.Contains(
            "<|im_start|>user\nGo<|im_end|>\n<|im_start|>assistant\nYes.<|im_end|>\n"
            + "<|im_start|>user\nGo<|im_end|>\n<|im_start|>assistant\n",
            Held(client),
            StringComparison.Ordinal);
        Assert.InRange(
            next.Usage!.CachedInputTokenCount!.Value, response.Usage!.InputTokenCount!.Value, next.Usage.InputTokenCount!.Value - 1);
    }

    [Theory]
    [InlineData(Turns)]
    [InlineData(Opened)]
    public async Task GetResponseAsync_ResentHistory_GivesTheAnswerOfAFreshClient(string template)
    {
        using KvNormChatClient client = Create(template);
        List<ChatMessage> history = [.. Asked];
        for (int turn = 0; turn < 3; turn++)
        {
            using KvNormChatClient fresh = Create(template);
            ChatResponse expected = await fresh.GetResponseAsync(history, Greedy(30)),
                response = await client.GetResponseAsync(history, Greedy(30));
            Assert.Equal((Thoughts(expected), expected.Text), (Thoughts(response), response.Text));
            Assert.NotEmpty(response.Text);
            Assert.True(turn > 0 || Thoughts(response).Length > 0); // later ones are thought about only where the prompt begins with it
            history.AddRange([.. response.Messages, User($"Go {turn}")]);
        }

        Assert.Equal(0, client.Statistics.Evictions);
    }

    private static string Thoughts(ChatResponse response) =>
        string.Concat(
            response.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().Select(content => content.Text));

    private static string Held(KvNormChatClient client) => string.Concat(client.GetRetention().Select(token => token.Text));

    private static KvNormChatClient Create(string template)
    {
        KvNormChatOptions options = Options(512);
        options.ChatTemplate = template;
        return KvNormChatClient.Create(options);
    }
}
