using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Tests.Answers;

/// <summary>Who is answered when, and what ends an answer.</summary>
public sealed class AnswerTurnsTests
{
    private const string Body = """{"messages":[{"role":"user","content":"a"}]}""";
    private const string Streamed = """{"stream":true,"messages":[{"role":"user","content":"a"}]}""";

    [Fact]
    public async Task BeginAsync_QueueIsFull_SaysWhenToComeBack()
    {
        await using RunningServer server = await TinyServer.StartAsync(static options => options.MaximumQueue = 0);
        using HttpResponseMessage running = await server.BeginEndlessAsync();
        using HttpResponseMessage refused = await server.PostAsync("/v1/chat/completions", Body);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(("queue_full", "rate_limit_error"), await ErrorAsync(refused));
    }

    [Fact]
    public async Task BeginAsync_WaitTakesTooLong_IsRefused()
    {
        await using RunningServer server = await TinyServer.StartAsync(
            static options => options.QueueTimeout = TimeSpan.FromMilliseconds(50));
        using HttpResponseMessage running = await server.BeginEndlessAsync();
        using HttpResponseMessage refused = await server.PostAsync("/v1/chat/completions", Body);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("queue_timeout", (await ErrorAsync(refused)).Code);
    }

    [Fact]
    public async Task BeginAsync_RequestsOfOneConversation_LeaveSlotsToOthers()
    {
        await using RunningServer server = await TinyServer.StartAsync(slots: 2);
        const string named = """{"user":"anna","max_tokens":100000,"temperature":0,"messages":[{"role":"user","content":"hello"}]}""";
        await server.CompleteAsync("""{"max_tokens":2,"messages":[{"role":"user","content":"a"}]}"""); // so it is loaded
        using CancellationTokenSource gone = new();
        Task<HttpResponseMessage>[] anna = [.. Enumerable.Range(0, 3)
            .Select(_ => server.PostAsync("/v1/chat/completions", named, gone.Token))];
        await Task.Delay(500); // they have come
        await server.CompleteAsync("""{"user":"ben","max_tokens":2,"messages":[{"role":"user","content":"b"}]}""");
        Assert.All(anna, static one => Assert.False(one.IsCompleted));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(anna));
    }

    [Fact]
    public async Task Wrap_RequestBeyondThePlaces_IsRefusedBeforeItsBodyIsRead()
    {
        await using RunningServer server = await TinyServer.StartAsync(static options => options.MaximumQueue = 0);
        using HttpResponseMessage running = await server.BeginEndlessAsync();
        using HttpResponseMessage refused = await server.PostAsync("/v1/chat/completions", "no JSON");
        Assert.Equal(("queue_full", "rate_limit_error"), await ErrorAsync(refused));
    }

    [Fact]
    public async Task BeginAsync_AnswerBeforeIsLeft_IsTheNext()
    {
        await using RunningServer server = await TinyServer.StartAsync();
        HttpResponseMessage running = await server.BeginEndlessAsync();
        Task<HttpResponseMessage> waiting = server.PostAsync(
            "/v1/chat/completions", """{"max_tokens":2,"messages":[{"role":"user","content":"b"}]}""");
        running.Dispose(); // the client goes away in the middle of the answer
        using HttpResponseMessage answered = await waiting;
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetStreamingResponseAsync_ClientGoes_IsCancelled(bool stream)
    {
        FakeChatClient client = FakeChatClient.Endless();
        await using RunningServer server = await RunningServer.StartAsync(client);
        using CancellationTokenSource gone = new();
        Task<HttpResponseMessage> request = server.PostAsync("/v1/chat/completions", stream ? Streamed : Body, gone.Token);
        while (client.Requests.Count == 0)
            await Task.Delay(10);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await client.Ended.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task AnswerAsync_TakesTooLong_IsRefusedOrBrokenOff()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            FakeChatClient.Endless(), static options => options.RequestTimeout = TimeSpan.FromSeconds(1));
        using HttpResponseMessage whole = await server.PostAsync("/v1/chat/completions", Body);
        Assert.Equal(HttpStatusCode.GatewayTimeout, whole.StatusCode);
        Assert.Equal("request_timeout", (await ErrorAsync(whole)).Code);

        using HttpResponseMessage stream = await server.PostAsync("/v1/chat/completions", Streamed);
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
        string last = (await stream.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.Equal(
            "request_timeout", JsonElement.Parse(last["data: ".Length..]).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task AnswerAsync_ClientFailsInTheMiddle_IsToldInTheStreamWithoutDetails()
    {
        FakeChatClient client = new((index, _) => index < 2
            ? Task.FromResult<ChatResponseUpdate?>(new ChatResponseUpdate(ChatRole.Assistant, "a"))
            : throw new InvalidOperationException("a secret"));
        await using RunningServer server = await RunningServer.StartAsync(client);
        using HttpResponseMessage response = await server.PostAsync("/v1/chat/completions", Streamed);
        string text = await response.Content.ReadAsStringAsync();
        Assert.Contains("\"code\":\"internal_error\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("a secret", text + string.Join('\n', server.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerAsync_ClientDoesNotSayWhyItEnded_HasAFinishReason()
    {
        FakeChatClient client = new((index, _) => Task.FromResult(
            index < 1 ? new ChatResponseUpdate(ChatRole.Assistant, "a") : null));
        await using RunningServer server = await RunningServer.StartAsync(client);
        using HttpResponseMessage response = await server.PostAsync("/v1/chat/completions", Streamed);
        string text = await response.Content.ReadAsStringAsync();
        Assert.Equal(2, text.Split("\"finish_reason\":\"stop\"").Length);
    }

    private static async Task<(string Code, string Type)> ErrorAsync(HttpResponseMessage response)
    {
        JsonElement error = (await RunningServer.ReadAsync(response)).GetProperty("error");
        return (error.GetProperty("code").GetString()!, error.GetProperty("type").GetString()!);
    }
}
