using System.Text.Json;
using KvNorm.Chat;
using KvNorm.Chat.Requests;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat;

/// <summary>What is refused before a slot is touched, and that many may be prepared at once.</summary>
public sealed class PreparedRequestTests : IDisposable
{
    private readonly KvNormChatClient _client = TestClient.Tiny();
    private readonly ChatModel _chat;

    public PreparedRequestTests() => _chat = new ChatModel(_client.Model, template: null);

    public static TheoryData<string, Type> Refused => new()
    {
        { "role", typeof(NotSupportedException) },
        { "content", typeof(NotSupportedException) },
        { "result", typeof(ArgumentException) },
        { "schema", typeof(ArgumentException) },
        { "system", typeof(KvCacheBudgetException) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task GetResponseAsync_WhatCannotBe_IsRefusedAndTheCacheIsAsItWas(string what, Type exception)
    {
        await _client.AnswerAsync([User("hello")], 4);
        KvCacheStatistics before = _client.Statistics;
        IReadOnlyList<TokenRetention> held = _client.GetRetention();
        (ChatMessage[] messages, ChatOptions options) = Request(what);
        Assert.IsType(exception, await Record.ExceptionAsync(() => _client.GetResponseAsync(messages, options)));
        Assert.Equal(before, _client.Statistics);
        Assert.Equal(held, _client.GetRetention());
    }

    [Fact]
    public void Create_Cancelled_Ends()
    {
        ChatRequest request = ChatRequest.Create([User("hello")], null, new KvNormChatOptions(), _client);
        Assert.ThrowsAny<OperationCanceledException>(
            () => PreparedRequest.Create(request, _chat, _client.Cache.Plan, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Create_ManyAtOnce_EachIsWhatItIsAlone()
    {
        int[][] alone = [.. Enumerable.Range(0, 24).Select(i => Tokens(new ChatModel(_client.Model, template: null), i))];
        int[][] together = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() => Tokens(_chat, i))));
        Assert.Equal(alone, together);

        int[] Tokens(ChatModel chat, int i)
        {
            ChatOptions options = new() { ResponseFormat = i % 2 == 0 ? ChatResponseFormat.Json : null };
            ChatRequest request = ChatRequest.Create(
                [Instruct(Prose(1)), User($"{i % 5} {Prose(i % 3, i)}")], options, new KvNormChatOptions(), _client);
            using PreparedRequest prepared = PreparedRequest.Create(request, chat, _client.Cache.Plan, CancellationToken.None);
            return prepared.Prompt.Tokens;
        }
    }

    public void Dispose() => _client.Dispose();

    private static (ChatMessage[] Messages, ChatOptions Options) Request(string what) => what switch
    {
        "role" => ([new ChatMessage(new ChatRole("narrator"), "x")], new ChatOptions()),
        "content" => ([new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])], new ChatOptions()),
        "result" => ([new ChatMessage(ChatRole.Tool, [new FunctionResultContent("lost", "x")])], new ChatOptions()),
        "schema" => (
            [User("Hi")],
            new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"type":"nothing"}""")) }),
        _ => ([Instruct(Prose(20)), User("Hi")], new ChatOptions()),
    };
}
