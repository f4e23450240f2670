using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests;

/// <summary>
/// The token that a text begins with, which the file may want and the template may write: a prompt has it once or not at all.
/// </summary>
public sealed class KvNormChatClientBeginTests
{
    private const string Turns = "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>' }}{% endfor %}";

    [Theory]
    [InlineData(true, "")]
    [InlineData(true, "{{ bos_token }}")]
    [InlineData(true, "{{- bos_token -}}\n")]
    [InlineData(true, "<s>")]
    [InlineData(true, "{% set b = '<s>' %}{{ b }}")]
    [InlineData(false, "{{ bos_token }}")]
    [InlineData(false, "<s>")]
    public async Task GetResponseAsync_BeginWantedOrWritten_StandsThereOnce(bool wanted, string written)
    {
        int[] tokens = await PromptAsync(wanted, written);
        Assert.Equal(TinyVocabulary.BeginOfText, tokens[0]);
        Assert.Equal(TinyVocabulary.StartMarker, tokens[1]);
        Assert.DoesNotContain(TinyVocabulary.BeginOfText, tokens[1..]);
    }

    [Fact]
    public async Task GetResponseAsync_BeginNeitherWantedNorWritten_IsNotThere() =>
        Assert.DoesNotContain(TinyVocabulary.BeginOfText, await PromptAsync(false, ""));

    // What a message says is no token of the template's.
    [Fact]
    public async Task GetResponseAsync_BeginTypedFirst_IsTextBehindTheRealOne()
    {
        using KvNormChatClient client = Create(true, "{{ messages[0].content }}", "");
        await client.AnswerAsync([User("<s>hello")], 1);
        (int[] tokens, _, _) = client.Cache.Latest.Retention();
        Assert.Equal(TinyVocabulary.BeginOfText, tokens[0]);
        Assert.Equal("<s>hello", client.Model.Vocabulary.Text(tokens[1..]));
        Assert.DoesNotContain(TinyVocabulary.BeginOfText, tokens[1..]);
    }

    private static async Task<int[]> PromptAsync(bool wanted, string written)
    {
        using KvNormChatClient client = Create(wanted, written, Turns);
        await client.AnswerAsync([Instruct("a"), User("<s>hello</s>")], 1);
        (int[] tokens, _, _) = client.Cache.Latest.Retention();
        Assert.EndsWith(
            "<|im_start|>system\na<|im_end|><|im_start|>user\n<s>hello</s><|im_end|>",
            client.Model.Vocabulary.Text(tokens, special: true),
            StringComparison.Ordinal);
        return tokens;
    }

    private static KvNormChatClient Create(bool wanted, string written, string turns) =>
        TestClient.Tiny(settings: new TinyModelSettings { AddsBegin = wanted, ChatTemplate = written + turns });
}
