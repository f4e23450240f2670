using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Tests.Responses;

/// <summary>What a request to /v1/responses comes to, and what comes back, over a client that says what a test wants.</summary>
public sealed class ResponseEndpointsTests
{
    private static readonly AIContent[] Contents =
    [
        new TextReasoningContent("hm"), new TextContent("one "), new TextContent("two"),
        new FunctionCallContent("c1", "add", new Dictionary<string, object?>(StringComparer.Ordinal) { ["a"] = 1 }),
    ];

    [Fact]
    public async Task AnswerAsync_WholeAnswer_HasItemsInOrder()
    {
        await using RunningServer server = await RunningServer.StartAsync(FakeChatClient.Saying(Contents));
        JsonElement response = await PostAsync(server, """{"model":"fake","input":"hello","instructions":"Be brief."}""");
        Assert.Equal("completed", response.GetProperty("status").GetString());
        JsonElement[] output = [.. response.GetProperty("output").EnumerateArray()];
        IEnumerable<string?> types = output.Select(static item => item.GetProperty("type").GetString());
        Assert.Equal(["reasoning", "message", "function_call"], types, StringComparer.Ordinal);
        Assert.Equal(
            """[{"type":"output_text","text":"one two","annotations":[]}]""", output[1].GetProperty("content").GetRawText());
        Assert.Equal("{\"a\":1}", output[2].GetProperty("arguments").GetString());
        Assert.Equal(7, response.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    [Fact]
    public async Task AnswerAsync_Stream_TellsEachStepAndEndsWithTheWhole()
    {
        await using RunningServer server = await RunningServer.StartAsync(FakeChatClient.Saying(Contents));
        using HttpResponseMessage response = await server.PostAsync("/v1/responses", """{"stream":true,"input":"hello"}""");
        (string Name, JsonElement Data)[] events = Events(await response.Content.ReadAsStringAsync());
        Assert.Equal(
            [
                "response.created", "response.in_progress",
                "response.output_item.added", "response.content_part.added", "response.reasoning_text.delta",
                "response.reasoning_text.done", "response.content_part.done", "response.output_item.done",
                "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
                "response.output_text.done", "response.content_part.done", "response.output_item.done",
                "response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.done",
                "response.output_item.done",
                "response.completed",
            ],
            events.Select(static one => one.Name), StringComparer.Ordinal);
        Assert.All(events, static one => Assert.Equal(one.Name, one.Data.GetProperty("type").GetString()));
        Assert.Equal(Enumerable.Range(0, events.Length), events.Select(static one => one.Data.GetProperty("sequence_number").GetInt32()));
        JsonElement last = events[^1].Data.GetProperty("response");
        Assert.Equal("one two", last.GetProperty("output")[1].GetProperty("content")[0].GetProperty("text").GetString());
        JsonElement kept = await server.GetAsync($"/v1/responses/{last.GetProperty("id").GetString()}");
        Assert.Equal(last.GetRawText(), kept.GetRawText());
    }

    [Fact]
    public async Task AnswerAsync_PreviousResponse_IsGoneOnWithFromAnyPoint()
    {
        FakeChatClient client = FakeChatClient.Saying(new TextContent("yes"));
        await using RunningServer server = await RunningServer.StartAsync(client);
        string first = Id(await PostAsync(server, """{"input":"one","instructions":"Be brief."}"""));
        string second = Id(await PostAsync(server, $$"""{"input":"two","previous_response_id":"{{first}}"}"""));
        await PostAsync(server, $$"""{"input":"three","previous_response_id":"{{second}}"}""");
        await PostAsync(server, $$"""{"input":"other","previous_response_id":"{{first}}"}""");
        IEnumerable<string> asked = client.Requests.Select(
            static request => string.Join('|', request.Messages.Select(static message => message.Text)));
        Assert.Equal(["one", "one|yes|two", "one|yes|two|yes|three", "one|yes|other"], asked, StringComparer.Ordinal);
        IEnumerable<string?> instructions = client.Requests.Select(static request => request.Options!.Instructions);
        Assert.Equal(["Be brief.", null, null, null], instructions, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task AnswerAsync_AssistantIsGoneOnWith_IsKeptAsOneMessage(string stream)
    {
        FakeChatClient client = FakeChatClient.Saying(new TextContent("yes"));
        await using RunningServer server = await RunningServer.StartAsync(client);
        using HttpResponseMessage response = await server.PostAsync(
            "/v1/responses",
            $$"""{"stream":{{stream}},"input":[{"role":"user","content":"one"},{"role":"assistant","content":"oh "}]}""");
        string body = await response.Content.ReadAsStringAsync();
        string first = body.Substring(body.IndexOf("resp_", StringComparison.Ordinal), "resp_".Length + 32);
        const string more = """[{"role":"assistant","content":" and "},{"role":"assistant","content":"no "}]""";
        string second = Id(await PostAsync(server, $$"""{"input":{{more}},"previous_response_id":"{{first}}"}"""));
        await PostAsync(server, $$"""{"input":"two","previous_response_id":"{{second}}"}""");
        await PostAsync(server, $$"""{"input":"other","previous_response_id":"{{first}}"}""");
        IEnumerable<string> asked = client.Requests.Select(
            static request => string.Join('|', request.Messages.Select(static message => message.Text)));
        Assert.Equal(
            ["one|oh ", "one|oh yes and no ", "one|oh yes and no yes|two", "one|oh yes|other"], asked, StringComparer.Ordinal);
    }

    [Fact]
    public async Task AnswerAsync_ItemsOfACall_AreMessages()
    {
        FakeChatClient client = FakeChatClient.Saying(new TextContent("3"));
        await using RunningServer server = await RunningServer.StartAsync(client);
        await PostAsync(server, """
            {"input":[
              {"role":"developer","content":"Be brief."},
              {"type":"message","role":"user","content":[{"type":"input_text","text":"1 + 2?"}]},
              {"type":"reasoning","id":"rs_1","summary":[],"content":[null,{"type":"reasoning_text","text":"hm"}]},
              {"type":"function_call","call_id":"c1","name":"add","arguments":"{\"a\":1}"},
              {"type":"function_call_output","call_id":"c1","output":"3"}],
             "tools":[{"type":"function","name":"add","parameters":{"type":"object"}}],"tool_choice":{"type":"function","name":"add"},
             "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"}}},
             "reasoning":{"effort":"low"},"max_output_tokens":9,
             "seed":5,"stop":["x"],"top_k":7,"frequency_penalty":1,"presence_penalty":-1,"n":1}
            """);
        (ChatMessage[] messages, ChatOptions? options) = Assert.Single(client.Requests);
        Assert.Equal([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool], messages.Select(static message => message.Role));
        Assert.Equal(
            [typeof(TextReasoningContent), typeof(FunctionCallContent)], messages[2].Contents.Select(static content => content.GetType()));
        Assert.Equal("3", Assert.IsType<FunctionResultContent>(messages[3].Contents[0]).Result);
        Assert.Equal("add", Assert.Single(options!.Tools!).Name);
        Assert.Equal(ChatToolMode.RequireSpecific("add"), options.ToolMode);
        Assert.Equal(9, options.MaxOutputTokens);
        Assert.Equal((5, 7, 1f, -1f), (options.Seed, options.TopK, options.FrequencyPenalty, options.PresencePenalty));
        Assert.Equal(["x"], options.StopSequences!);
        Assert.Equal(ReasoningEffort.Low, options.Reasoning!.Effort);
        Assert.NotNull(Assert.IsType<ChatResponseFormatJson>(options.ResponseFormat).Schema);
    }

    [Fact]
    public async Task RemoveAsync_Response_IsForgottenAndOneNotStoredNeverKept()
    {
        await using RunningServer server = await RunningServer.StartAsync(FakeChatClient.Saying(new TextContent("yes")));
        string id = Id(await PostAsync(server, """{"input":"one"}"""));
        using HttpResponseMessage removed = await server.Http.DeleteAsync(new Uri($"/v1/responses/{id}", UriKind.Relative));
        Assert.True((await RunningServer.ReadAsync(removed)).GetProperty("deleted").GetBoolean());
        await RequireUnknownAsync(server, id);
        string other = Id(await PostAsync(server, """{"input":"one","store":false}"""));
        await RequireUnknownAsync(server, other);
    }

    [Theory]
    [InlineData("{}", "input")]
    [InlineData("""{"input":7}""", "input")]
    [InlineData("""{"input":[{"type":"item_reference","id":"x"}]}""", "input[0].type")]
    [InlineData("""{"input":[{"type":"function_call","name":"f"}]}""", "input[0].call_id")]
    [InlineData("""{"input":[{"type":"function_call","call_id":"1","name":"f","arguments":"["}]}""", "input[0].arguments")]
    [InlineData("""{"input":[{"type":"function_call_output","call_id":"a","output":[null]}]}""", "input[0].output[0]")]
    [InlineData("""{"input":[{"role":"robot","content":"a"}]}""", "input[0].role")]
    [InlineData("""{"input":"a","background":true}""", "background")]
    [InlineData("""{"input":"a","conversation":"conv_1"}""", "conversation")]
    [InlineData("""{"input":"a","max_output_tokens":0}""", "max_output_tokens")]
    [InlineData("""{"input":"a","reasoning":{"effort":"lots"}}""", "reasoning.effort")]
    [InlineData("""{"input":"a","n":3}""", "n")]
    [InlineData("""{"input":"a","top_k":-5}""", "top_k")]
    [InlineData("""{"input":"a","frequency_penalty":9}""", "frequency_penalty")]
    [InlineData("""{"input":"a","text":{"format":{"type":"json_schema","name":"n"}}}""", "text.format.schema")]
    [InlineData("""{"input":"a","tools":[{"type":"web_search"}]}""", "tools[0].type")]
    [InlineData("""{"input":"a","tools":[{"type":"function","name":""}]}""", "tools[0].name")]
    public async Task AnswerAsync_WrongRequest_IsRefusedByName(string body, string field)
    {
        await using RunningServer server = await RunningServer.StartAsync(FakeChatClient.Saying(new TextContent("yes")));
        await RequireRefusedAsync(server, body, HttpStatusCode.BadRequest, field);
    }

    [Fact]
    public async Task AnswerAsync_ClientFailsInTheMiddle_EndsAsFailed()
    {
        FakeChatClient client = new((index, _) => index < 1
            ? Task.FromResult<ChatResponseUpdate?>(new ChatResponseUpdate(ChatRole.Assistant, "a"))
            : throw new InvalidOperationException("a secret"));
        await using RunningServer server = await RunningServer.StartAsync(client);
        using HttpResponseMessage response = await server.PostAsync("/v1/responses", """{"stream":true,"input":"hello"}""");
        (string name, JsonElement data) = Events(await response.Content.ReadAsStringAsync())[^1];
        Assert.Equal("response.failed", name);
        Assert.Equal("internal_error", data.GetProperty("response").GetProperty("error").GetProperty("code").GetString());
        Assert.DoesNotContain("a secret", data.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerAsync_KeptConversation_IsThatOfItsFirstResponse()
    {
        await using RunningServer server = await TinyServer.StartAsync();
        JsonElement first = await PostAsync(server, """{"input":"one","temperature":0,"max_output_tokens":4}""");
        Assert.Equal("incomplete", first.GetProperty("status").GetString());
        Assert.Equal("incomplete", first.GetProperty("output")[0].GetProperty("status").GetString());
        JsonElement second = await PostAsync(
            server, $$"""{"input":"two","temperature":0,"max_output_tokens":4,"previous_response_id":"{{Id(first)}}"}""");
        int before = first.GetProperty("usage").GetProperty("total_tokens").GetInt32();
        Assert.InRange(
            second.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32(), before - 2, before);
        JsonElement one = Assert.Single((await server.GetAsync("/api/conversations")).GetProperty("conversations").EnumerateArray());
        Assert.Equal(Id(first), one.GetProperty("id").GetString());
    }

    [Fact]
    public async Task RemoveAsync_LastResponseOfAConversation_IsForgottenByTheModel()
    {
        await using RunningServer server = await TinyServer.StartAsync();
        string first = Id(await PostAsync(server, """{"input":"one","max_output_tokens":4}"""));
        string second = Id(await PostAsync(
            server, $$"""{"input":"two","max_output_tokens":4,"previous_response_id":"{{first}}"}"""));
        foreach ((string id, int remaining) in new[] { (first, 1), (second, 0) })
        {
            (await server.Http.DeleteAsync(new Uri($"/v1/responses/{id}", UriKind.Relative))).Dispose();
            JsonElement conversations = (await server.GetAsync("/api/conversations")).GetProperty("conversations");
            Assert.Equal(remaining, conversations.EnumerateArray().Count(one => one.GetProperty("id").GetString() == first));
        }
    }

    [Fact]
    public async Task AnswerAsync_ChainOfMoreMessagesThanARequestMayHave_IsRefused()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            FakeChatClient.Saying(new TextContent("yes")), static options => options.MaximumMessages = 3);
        string first = Id(await PostAsync(server, """{"input":"one"}"""));
        string second = Id(await PostAsync(server, $$"""{"input":"two","previous_response_id":"{{first}}"}"""));
        await RequireRefusedAsync(
            server, $$"""{"input":"three","previous_response_id":"{{second}}"}""", HttpStatusCode.BadRequest, "previous_response_id");
    }

    private static string Id(JsonElement response) => response.GetProperty("id").GetString()!;

    private static (string Name, JsonElement Data)[] Events(string text) =>
        [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static one => one.Split('\n')).Select(static lines =>
            (lines[0]["event: ".Length..], JsonElement.Parse(lines[1]["data: ".Length..])))];

    private static async Task<JsonElement> PostAsync(RunningServer server, string body)
    {
        using HttpResponseMessage response = await server.PostAsync("/v1/responses", body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await RunningServer.ReadAsync(response);
    }

    private static Task RequireUnknownAsync(RunningServer server, string id) => RequireRefusedAsync(
        server, $$"""{"input":"two","previous_response_id":"{{id}}"}""", HttpStatusCode.NotFound, "previous_response_id");

    private static async Task RequireRefusedAsync(RunningServer server, string body, HttpStatusCode status, string field)
    {
        using HttpResponseMessage response = await server.PostAsync("/v1/responses", body);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(field, (await RunningServer.ReadAsync(response)).GetProperty("error").GetProperty("param").GetString());
    }
}
