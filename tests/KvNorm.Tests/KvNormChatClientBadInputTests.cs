using System.Text.Json;
using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>
/// Requests that cannot be answered, or barely: each is told clearly or answered, and the next call is as if it had not been.
/// </summary>
public sealed class KvNormChatClientBadInputTests(EmbeddedClientFixture shared) : IClassFixture<EmbeddedClientFixture>
{
    private const string Tree =
        """{"type":"object","properties":{"left":{"$ref":"#/$defs/part"},"right":{"$ref":"#/$defs/part"}},"required":["left","right"]"""
        + ""","$defs":{"part":{"anyOf":[{"const":"leaf"},{"$ref":"#"}]}}}""";

    private static readonly ChatMessage[] Question = [User("Hi")];
    private static readonly Lazy<Task<string>> Expected = new(static () => FreshAnswerAsync(Question));

    private readonly KvNormChatClient _client = shared.Client;

    [Theory]
    [InlineData("""{"type":"integer","minimum":5,"maximum":3}""", "#")]
    [InlineData("""{"type":"object","properties":{"a":false},"required":["a"]}""", "#")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"nothing"}}}""", "#/properties/a/type")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "#/$ref")]
    [InlineData("""{"$ref":"#"}""", "#")]
    public async Task GetResponseAsync_SchemaNothingSatisfies_NamesThePlace(string schema, string place)
    {
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => AskAsync(schema));
        Assert.Contains($"'{place}'", e.Message, StringComparison.Ordinal);
        await AssertStillWorksAsync();
    }

    [Fact]
    public async Task GetResponseAsync_SchemaWithinSchemasTooDeep_IsTold()
    {
        const int depth = 3000;
        string schema = string.Concat(Enumerable.Repeat("""{"type":"array","items":""", depth)) + "{}" + new string('}', depth);
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => AskAsync(schema));
        Assert.Contains("is nested more than", e.Message, StringComparison.Ordinal);
        await AssertStillWorksAsync();
    }

    [Fact]
    public async Task GetResponseAsync_SchemaThatRefersToItself_IsSatisfied()
    {
        ChatResponse response = await AskAsync(Tree, 100);
        AssertTree(JsonElement.Parse(response.Text));
        await AssertStillWorksAsync();

        static void AssertTree(JsonElement tree)
        {
            Assert.Equal(["left", "right"], tree.EnumerateObject().Select(property => property.Name), StringComparer.Ordinal);
            IEnumerable<JsonElement> parts = tree.EnumerateObject()
                .Select(property => property.Value)
                .Where(part => part.ValueKind != JsonValueKind.String || part.GetString() != "leaf");
            foreach (JsonElement part in parts)
                AssertTree(part);
        }
    }

    // Only an endless value satisfies it.
    [Fact]
    public async Task GetResponseAsync_SchemaWithoutAnEnd_EndsAtTheLimit()
    {
        ChatResponse response = await AskAsync("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""", 40);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(40, response.Usage!.OutputTokenCount);
        await AssertStillWorksAsync();
    }

    [Fact]
    public async Task GetResponseAsync_ResultWithoutItsCall_IsTold()
    {
        ChatMessage lost = new(ChatRole.Tool, [new FunctionResultContent("lost", "5")]);
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => _client.AnswerAsync([User("Add."), lost]));
        Assert.Contains("'lost'", e.Message, StringComparison.Ordinal);
        await AssertStillWorksAsync();
    }

    [Fact]
    public async Task GetResponseAsync_CallAnsweredTwice_ShowsBothResults()
    {
        ChatMessage call = new(ChatRole.Assistant, [new FunctionCallContent("1", "add")]);
        ChatMessage one = new(ChatRole.Tool, [new FunctionResultContent("1", "five")]),
            two = new(ChatRole.Tool, [new FunctionResultContent("1", "six")]);
        await _client.AnswerAsync([User("Add."), call, one, two], 1);
        string held = Held(_client);
        Assert.Contains("\"five\"", held, StringComparison.Ordinal);
        Assert.Contains("\"six\"", held, StringComparison.Ordinal);
        await AssertStillWorksAsync();
    }

    [Fact]
    public async Task GetResponseAsync_TwoUsersInARow_AreTwoMessages()
    {
        await _client.AnswerAsync([User("one"), User("two")], 1);
        Assert.Contains(
            "<|im_start|>user\none<|im_end|>\n<|im_start|>user\ntwo<|im_end|>\n<|im_start|>assistant\n",
            Held(_client),
            StringComparison.Ordinal);
        await AssertStillWorksAsync();
    }

    [Fact]
    public async Task GetResponseAsync_AssistantFirst_IsTheFirstMessage()
    {
        await _client.AnswerAsync([Assistant("I begin."), User("two")], 1);
        Assert.Contains(
            "<|im_start|>assistant\nI begin.<|im_end|>\n<|im_start|>user\ntwo<|im_end|>\n<|im_start|>assistant\n",
            Held(_client),
            StringComparison.Ordinal);
        await AssertStillWorksAsync();
    }

    [Fact]
    public async Task GetResponseAsync_TemplateThatRaises_SaysWhatItSays()
    {
        const string template =
            "{% for m in messages %}{% if m.content == 'bad' %}{{ raise_exception('no bad words') }}{% endif %}{{ "
            + "m.content }}\n{% endfor %}";
        using KvNormChatClient client = Create(template), fresh = Create(template);
        ChatMessage[] good = [User("good")];
        string expected = await fresh.AnswerAsync(good);
        Assert.Equal(expected, await client.AnswerAsync(good));
        ChatTemplateException e = await Assert.ThrowsAsync<ChatTemplateException>(
            () => client.AnswerAsync([.. good, Assistant("fine"), User("bad")]));
        Assert.True(e.RaisedByTemplate);
        Assert.Contains("no bad words", e.Message, StringComparison.Ordinal);
        Assert.Equal(expected, await client.AnswerAsync(good));
    }

    // In a branch that is seldom taken, too: it is told with its line, when the client is made or when the branch is.
    [Theory]
    [InlineData("\n{% for m in messages %}\n{{ m.content | frobnicate }}{% endfor %}", "line 3")]
    [InlineData("{% if messages | length > 99 %}\n{{ messages[0].content | frobnicate }}{% endif %}", "line 2")]
    public async Task Create_TemplateWithAnUnknownFilter_NamesItAndItsLine(string template, string line)
    {
        ChatTemplateException e = await Assert.ThrowsAsync<ChatTemplateException>(async () =>
        {
            using KvNormChatClient client = Create(template);
            await client.AnswerAsync([.. Enumerable.Repeat(User("Hi"), 100)], 1);
        });
        Assert.Contains("frobnicate", e.Message, StringComparison.Ordinal);
        Assert.Contains(line, e.Message, StringComparison.Ordinal);
        using KvNormChatClient working = Create("{% for m in messages %}{{ m.content }}{% endfor %}");
        Assert.Equal(1, (await working.GetResponseAsync(Question, Greedy(1))).Usage!.OutputTokenCount);
    }

    private Task<ChatResponse> AskAsync(string schema, int tokens = 12)
    {
        ChatOptions options = Greedy(tokens);
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(
            JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = 10_000 }).RootElement, "answer");
        return _client.GetResponseAsync([User("""Say {"left": "leaf", "right": "leaf"}.""")], options);
    }

    private async Task AssertStillWorksAsync() => Assert.Equal(await Expected.Value, await _client.AnswerAsync(Question));

    private static string Held(KvNormChatClient client) => string.Concat(client.GetRetention().Select(token => token.Text));

    private static KvNormChatClient Create(string template)
    {
        KvNormChatOptions options = Options(512);
        (options.ModelPath, options.ChatTemplate) = (TinyModel.Write(), template);
        return KvNormChatClient.Create(options);
    }
}
