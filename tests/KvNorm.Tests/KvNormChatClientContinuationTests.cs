using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests;

/// <summary>Conversations whose last message is an answer to go on with.</summary>
public sealed class KvNormChatClientContinuationTests(EmbeddedClientFixture embedded) : IClassFixture<EmbeddedClientFixture>
{
    private readonly KvNormChatClient _client = embedded.Client;

    [Fact]
    public async Task GetResponseAsync_AnswerLast_GoesOnWithIt()
    {
        ChatMessage question = User("What is the capital of France?");
        string whole = await _client.AnswerAsync([question], 24);
        string begun = whole[..whole.IndexOf(' ', whole.Length / 2)]; // words begin with their space, so this is whole tokens
        string rest = await _client.AnswerAsync([question, Assistant(begun)], 24);
        Assert.StartsWith(whole, begun + rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponseAsync_AnswerLastInAConversationByName_BecomesOneMessage()
    {
        using KvNormChatClient client = TestClient.Tiny();
        ChatOptions options = TestClient.Greedy(3);
        options.ConversationId = "talk";
        string begun = (await client.GetResponseAsync([User("Hi")], options)).Text;
        string more = (await client.GetResponseAsync([], options)).Text;
        using MemoryStream saved = new();
        await client.SaveConversationAsync("talk", saved);
        saved.Position = 0;
        IReadOnlyList<ChatMessage> messages = await client.LoadConversationAsync("talk", saved);
        Assert.Equal([ChatRole.User, ChatRole.Assistant], messages.Select(static message => message.Role));
        Assert.Equal(begun + more, messages[1].Text);
    }

    [Fact]
    public async Task GetResponseAsync_CallLast_IsAnswered()
    {
        ChatMessage call = new(ChatRole.Assistant, [new TextContent("I look."), new FunctionCallContent("a", "time")]);
        await _client.AnswerAsync([User("What time is it?"), call], 1);
        Assert.EndsWith(
            "<|im_end|>\n<|im_start|>assistant\n",
            string.Concat(_client.GetRetention().Select(static token => token.Text)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponseAsync_TemplateThatCannotGoOn_NamesTheMessage()
    {
        const string template = "{% for m in messages | reverse %}{{ m.role }}: {{ m.content }}\n{% endfor %}";
        KvNormChatOptions options = TestClient.Options(256);
        (options.ModelPath, options.ChatTemplate) = (TinyModel.Write(), template);
        using KvNormChatClient client = KvNormChatClient.Create(options);
        ChatTemplateException e = await Assert.ThrowsAsync<ChatTemplateException>(
            () => client.AnswerAsync([User("Hi"), Assistant("Well")]));
        Assert.StartsWith("Message 1 is the last one", e.Message, StringComparison.Ordinal);
    }
}
