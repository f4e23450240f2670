using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Tests.Completions;

/// <summary>What a request to /v1/chat/completions comes to, and what comes back, over a client that says what a test wants.</summary>
public sealed class CompletionEndpointTests
{
    private const string Hello = """{"model":"fake","messages":[{"role":"user","content":"hello"}]}""";

    [Fact]
    public async Task AnswerAsync_WholeAnswer_HasOpenAIsShape()
    {
        await using RunningServer server = await RunningServer.StartAsync(FakeChatClient.Saying(
            new TextReasoningContent("hm"), new TextContent("hi "), new TextContent("there")));
        JsonElement answer = await server.CompleteAsync(Hello);
        Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
        Assert.Equal("fake", answer.GetProperty("model").GetString());
        JsonElement choice = Assert.Single(answer.GetProperty("choices").EnumerateArray());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(
            """{"role":"assistant","content":"hi there","reasoning_content":"hm"}""", choice.GetProperty("message").GetRawText());
        Assert.Equal(
            """{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":7}"""
            + ""","completion_tokens_details":{"reasoning_tokens":1}}""",
            answer.GetProperty("usage").GetRawText());
    }

    [Fact]
    public async Task AnswerAsync_Call_HasItsArgumentsAsTextAndNoContent()
    {
        FunctionCallContent call = new("c1", "add", new Dictionary<string, object?>(StringComparer.Ordinal) { ["a"] = 1 });
        await using RunningServer server = await RunningServer.StartAsync(FakeChatClient.Saying(call));
        JsonElement choice = (await server.CompleteAsync(Hello)).GetProperty("choices")[0];
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(
            """{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":"""
            + """{"name":"add","arguments":"{\"a\":1}"}}]}""",
            choice.GetProperty("message").GetRawText());
    }

    // Whoever asked would run it without its arguments.
    [Theory]
    [InlineData("/v1/chat/completions", false)]
    [InlineData("/v1/chat/completions", true)]
    [InlineData("/v1/responses", false)]
    [InlineData("/v1/responses", true)]
    public async Task AnswerAsync_CallThatWasNotReadWhole_IsLeftOut(string path, bool streams)
    {
        FakeChatClient client = FakeChatClient.Saying(
            new TextContent("so"),
            new FunctionCallContent("c1", "halved") { Exception = new InvalidOperationException("cut"), InformationalOnly = true },
            new FunctionCallContent("c2", "whole"));
        await using RunningServer server = await RunningServer.StartAsync(client);
        string stream = streams ? "true" : "false";
        using HttpResponseMessage response = await server.PostAsync(
            path, $$"""{"stream":{{stream}},"input":"a","messages":[{"role":"user","content":"a"}]}""");
        string body = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("halved", body, StringComparison.Ordinal);
        Assert.Contains("whole", body, StringComparison.Ordinal);
        if (body.IndexOf("resp_", StringComparison.Ordinal) is >= 0 and int id)
        {
            string kept = body.Substring(id, "resp_".Length + 32);
            await server.PostAsync(path, $$"""{"input":"b","previous_response_id":"{{kept}}"}""");
            IEnumerable<AIContent> contents = client.Requests[1].Messages.SelectMany(static message => message.Contents);
            Assert.Equal("whole", Assert.Single(contents.OfType<FunctionCallContent>()).Name);
        }
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task AnswerAsync_NoCallWasReadWhole_EndsAsText(string stream)
    {
        await using RunningServer server = await RunningServer.StartAsync(FakeChatClient.Saying(
            new FunctionCallContent("c1", "halved") { Exception = new InvalidOperationException("cut"), InformationalOnly = true }));
        using HttpResponseMessage response = await server.PostAsync(
            "/v1/chat/completions", $$"""{"stream":{{stream}},"messages":[{"role":"user","content":"a"}]}""");
        string body = await response.Content.ReadAsStringAsync();
        Assert.Contains("\"finish_reason\":\"stop\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("tool_calls", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerAsync_Stream_EndsWithReasonUsageAndDone(bool usage)
    {
        await using RunningServer server = await RunningServer.StartAsync(FakeChatClient.Saying(
            new TextReasoningContent("hm"),
            new TextContent("hi"),
            new FunctionCallContent("c1", "one"),
            new FunctionCallContent("c2", "two")));
        string stream = usage ? """{"stream":true,"stream_options":{"include_usage":true},""" : """{"stream":true,""";
        string body = Hello.Replace("{\"model\"", stream + "\"model\"", StringComparison.Ordinal);
        using HttpResponseMessage response = await server.PostAsync("/v1/chat/completions", body);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        string[] events = Events(await response.Content.ReadAsStringAsync());
        Assert.Equal("[DONE]", events[^1]);
        JsonElement[] chunks = [.. events[..^1].Select(static data => JsonElement.Parse(data))];
        Assert.Single(chunks.Select(static chunk => chunk.GetProperty("id").GetString()).Distinct(StringComparer.Ordinal));
        string[] deltas =
        [
            """{"role":"assistant","reasoning_content":"hm"}""",
            """{"content":"hi"}""",
            """{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"one","arguments":"{}"}}]}""",
            """{"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"two","arguments":"{}"}}]}""",
            "{}",
        ];
        JsonElement[] choices = [.. chunks.Take(deltas.Length).Select(static chunk => chunk.GetProperty("choices")[0])];
        Assert.Equal(deltas, choices.Select(static choice => choice.GetProperty("delta").GetRawText()), StringComparer.Ordinal);
        Assert.Equal("tool_calls", choices[^1].GetProperty("finish_reason").GetString());
        Assert.Equal(usage, chunks.Length > deltas.Length);
        if (usage)
            Assert.Equal(7, chunks[^1].GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    private static string[] Events(string body) =>
        [.. body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static one => one["data: ".Length..])];
}
