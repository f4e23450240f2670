using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests;

/// <summary>
/// Templates of other families than ChatML, through the client: what is written, what is reused, and that reuse changes no text.
/// </summary>
public sealed class KvNormChatClientShapesTests
{
    // Llama 3: the role between headers, one mark at the end of every message.
    private const string Headers = """
        {{- bos_token }}
        {%- for m in messages %}
        {{- '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n' + (m['content'] | trim) + '<|eot_id|>' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}
        """;

    // Mistral: no system messages, roles in turn, only answers have an end.
    private const string Brackets = """
        {{- bos_token }}
        {%- for m in messages %}
        {%- if (m['role'] == 'user') != (loop.index0 is even) %}{{ raise_exception('user and assistant must take turns') }}{% endif %}
        {%- if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + ' [/INST]' }}{% else %}{{ ' ' + m['content'] + eos_token }}{% endif %}
        {%- endfor %}
        """;

    private static readonly TinyModelSettings HeaderMarks =
        new() { StartMarker = "<|start_header_id|>", EndMarker = "<|eot_id|>", AddsBegin = true };
    private static readonly TinyModelSettings BracketMarks = new() { AddsBegin = true };

    private static readonly ChatMessage[] History =
        [Instruct("be brief"), User("hello"), Assistant("and the word"), User("the end?"), Assistant("hell"), User("and an")];

    public static TheoryData<string, string> Texts => new()
    {
        {
            Headers,
            "<s><|start_header_id|>system<|end_header_id|>\n\nbe brief<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n"
            + "hello<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nand the word<|eot_id|>"
            + "<|start_header_id|>user<|end_header_id|>\n\nthe end?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
            + "hell<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nand an<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
        },
        {
            Brackets,
            "<s>[INST] be brief\n\nhello [/INST] and the word<|im_end|>[INST] the end? [/INST] hell<|im_end|>[INST] and an [/INST]"
        },
    };

    public static TheoryData<string> Templates => new(Headers, Brackets);

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task GetResponseAsync_Conversation_IsWrittenAsTheTemplateHasIt(string template, string expected)
    {
        using KvNormChatClient client = Create(template);
        await client.AnswerAsync(History, 1);
        (int[] tokens, _, _) = client.Cache.Latest.Retention();
        Assert.Equal(expected, client.Model.Vocabulary.Text(tokens, special: true));
        Assert.Equal(1, tokens.Count(token => token == TinyVocabulary.BeginOfText));
        Assert.Equal(expected.Split(Settings(template).EndMarker).Length - 1, tokens.Count(token => token == TinyVocabulary.EndMarker));
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public async Task GetResponseAsync_EveryTurn_ReadsNoEarlierPromptAgain(string template)
    {
        using KvNormChatClient client = Create(template);
        List<ChatMessage> history = [Instruct("be brief"), User("hello")];
        long before = 0;
        for (int turn = 0; turn < 5; turn++)
        {
            ChatResponse response = await client.GetResponseAsync(history, TestClient.Greedy(6));
            Assert.True(
                response.Usage!.CachedInputTokenCount >= before, $"turn {turn}: {response.Usage.CachedInputTokenCount} of {before}");
            before = response.Usage.InputTokenCount!.Value;
            history.AddRange([.. response.Messages, User($"and {turn}?")]);
        }

        Assert.Equal(0, client.Statistics.Evictions);
    }

    // Where nothing stands between the prompt and the answer, the answer is not read again either: all of it but its last token was
    // decoded.
    [Fact]
    public async Task GetResponseAsync_Headers_KeepTheAnswerToo()
    {
        using KvNormChatClient client = Create(Headers);
        ChatMessage[] first = [Instruct("be brief"), User("hello")];
        ChatResponse answer = await client.GetResponseAsync(first, TestClient.Greedy(6));
        Assert.Equal(answer.Text.Trim(), answer.Text); // the template trims
        ChatResponse next = await client.GetResponseAsync([.. first, .. answer.Messages, User("and?")], TestClient.Greedy(1));
        Assert.Equal(answer.Usage!.TotalTokenCount - 1, next.Usage!.CachedInputTokenCount);
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public async Task GetResponseAsync_AnyTurnOfAConversation_GivesTheTextOfAFreshClient(string template)
    {
        using KvNormChatClient client = Create(template);
        foreach (int length in new[] { 2, 4, 6, 4, 6, 2 })
        {
            using KvNormChatClient fresh = Create(template);
            string expected = await fresh.AnswerAsync(History[..length], 8);
            Assert.NotEmpty(expected);
            Assert.Equal(expected, await client.AnswerAsync(History[..length], 8));
        }

        ChatMessage[] other = [Instruct("be wordy"), .. History[1..]];
        using KvNormChatClient again = Create(template);
        Assert.Equal(await again.AnswerAsync(other, 8), await client.AnswerAsync(other, 8));
    }

    private static TinyModelSettings Settings(string template) => template == Headers ? HeaderMarks : BracketMarks;

    // Through the options: the file itself has another template.
    private static KvNormChatClient Create(string template)
    {
        KvNormChatOptions options = TestClient.Options(1024);
        (options.ModelPath, options.ChatTemplate) = (TinyModel.Write(Settings(template)), template);
        return KvNormChatClient.Create(options);
    }
}
