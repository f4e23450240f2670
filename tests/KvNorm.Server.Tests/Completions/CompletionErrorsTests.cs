using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Tests.Completions;

/// <summary>Requests that are refused, with the status and the field that is wrong; none of them reaches the model.</summary>
public sealed class CompletionErrorsTests : IAsyncLifetime
{
    private readonly FakeChatClient _client = FakeChatClient.Saying(new TextContent("hi"));
    private RunningServer _server = null!;

    public async Task InitializeAsync() => _server = await RunningServer.StartAsync(_client, static options =>
    {
        options.MaximumBodyBytes = 1 << 20;
        options.MaximumMessages = 3;
        options.MaximumTools = 2;
        options.MaximumSchemaBytes = 200;
    });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("""{"messages":[]}""", 400, "missing_required_parameter", "messages")]
    [InlineData("{}", 400, "missing_required_parameter", "messages")]
    [InlineData("""{"messages":[null]}""", 400, "invalid_value", "messages[0]")]
    [InlineData("""{"messages":[{"role":"user"}]}""", 400, "missing_required_parameter", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"robot","content":"a"}]}""", 400, "invalid_value", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user","content":7}]}""", 400, "invalid_json", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"tool","content":"a"}]}""", 400, "missing_required_parameter", "messages[0].tool_call_id")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""", 422, "unsupported_content",
        "messages[0].content[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":"a","tool_calls":[]}]}""", 400, "invalid_value", "messages[0].tool_calls")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{"}}]}]}""", 400,
        "invalid_value", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[CALL,CALL]}]}""", 400, "invalid_value", "messages[0].tool_calls[1].id")]
    [InlineData("""{"messages":[null,null,null,null]}""", 400, "array_above_max_length", "messages")]
    public Task AnswerAsync_WrongMessages_AreRefusedByName(string body, int status, string code, string field) =>
        RequireRefusedAsync(
            body.Replace("CALL", """{"id":"1","function":{"name":"f"}}""", StringComparison.Ordinal), status, code, field);

    [Theory]
    [InlineData("\"temperature\":2.5", 400, "invalid_value", "temperature")]
    [InlineData("\"temperature\":\"hot\"", 400, "invalid_json", "temperature")]
    [InlineData("\"top_p\":-1", 400, "invalid_value", "top_p")]
    [InlineData("\"presence_penalty\":3", 400, "invalid_value", "presence_penalty")]
    [InlineData("\"max_tokens\":0", 400, "invalid_value", "max_tokens")]
    [InlineData("\"max_completion_tokens\":1.5", 400, "invalid_json", "max_completion_tokens")]
    [InlineData("\"n\":2", 400, "unsupported_parameter", "n")]
    [InlineData("\"logit_bias\":{\"50256\":-100}", 400, "unsupported_parameter", "logit_bias")]
    [InlineData("\"logprobs\":true", 400, "unsupported_parameter", "logprobs")]
    [InlineData("\"functions\":[]", 400, "unsupported_parameter", "functions")]
    [InlineData("\"modalities\":[\"text\",\"audio\"]", 400, "unsupported_parameter", "modalities")]
    [InlineData("\"stop\":[\"\"]", 400, "invalid_value", "stop")]
    [InlineData("\"stop\":[1]", 400, "invalid_json", "stop")]
    [InlineData("\"reasoning_effort\":\"lots\"", 400, "invalid_value", "reasoning_effort")]
    [InlineData("\"response_format\":{\"type\":\"xml\"}", 400, "invalid_value", "response_format.type")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", 400, "invalid_value", "response_format.json_schema.schema")]
    [InlineData("\"model\":\"gpt-4o\"", 404, "model_not_found", "model")]
    [InlineData("\"tools\":[{\"type\":\"web_search\"}]", 400, "unsupported_parameter", "tools[0].type")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"\"}}]", 400, "invalid_value", "tools[0].function.name")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":7}}]", 400, "invalid_value",
        "tools[0].function.parameters")]
    [InlineData("\"tools\":[TOOL,TOOL]", 400, "invalid_value", "tools[1].function.name")]
    [InlineData("\"tools\":[{},{},{}]", 400, "array_above_max_length", "tools")]
    [InlineData("\"tool_choice\":\"required\"", 400, "invalid_value", "tool_choice")]
    [InlineData("\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", 400, "invalid_value", "tool_choice")]
    [InlineData("\"tool_choice\":\"maybe\"", 400, "invalid_value", "tool_choice")]
    [InlineData("\"tool_choice\":7", 400, "invalid_json", "tool_choice")]
    [InlineData("\"seed\":1,\"seed\":2", 400, "invalid_json", "seed")]
    [InlineData("\"min_p\":\"x\"", 400, "invalid_value", "min_p")]
    [InlineData("\"mirostat\":true", 400, "invalid_value", "mirostat")]
    public Task AnswerAsync_WrongSettings_AreRefusedByName(string field, int status, string code, string name) =>
        RequireRefusedAsync(
            $$"""{"messages":[{"role":"user","content":"a"}],{{field}}}"""
                .Replace("TOOL", """{"type":"function","function":{"name":"f"}}""", StringComparison.Ordinal),
            status, code, name);

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"hel""", "messages[0].content")]
    [InlineData("hello", null)]
    [InlineData("[]", null)]
    [InlineData("null", null)]
    [InlineData("", null)]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""", "messages[0].content")]
    public Task AnswerAsync_NoJson_IsRefused(string body, string? field) => RequireRefusedAsync(body, 400, "invalid_json", field);

    [Theory]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"\u00ff\u00fe\"}]}")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"\u00ff\":1}")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"\u00ff\\n\":1}]}")]
    public async Task AnswerAsync_InvalidUtf8_IsRefused(string text)
    {
        byte[] body = Encoding.Latin1.GetBytes(text);
        using HttpResponseMessage response = await _server.Http.PostAsync(
            new Uri("/v1/chat/completions", UriKind.Relative), RunningServer.Json(body));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(_client.Requests);
    }

    [Theory]
    [InlineData(
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":SCHEMA}}]", "tools[0].function.parameters")]
    [InlineData(
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":SCHEMA}}",
        "response_format.json_schema.schema")]
    public Task AnswerAsync_LargeSchema_IsRefused(string field, string name)
    {
        string schema = $$"""{"type":"object","description":"{{new string('a', 900_000)}}"}""";
        string body = $$"""{"messages":[{"role":"user","content":"a"}],{{field.Replace("SCHEMA", schema, StringComparison.Ordinal)}}}""";
        return RequireRefusedAsync(body, 400, "schema_too_large", name);
    }

    [Theory] // the larger ones do not fit into what the two ends of a connection hold for each other
    [InlineData(false, (1 << 20) + 1)]
    [InlineData(true, (1 << 20) + 1)]
    [InlineData(false, 40 << 20)]
    [InlineData(true, 40 << 20)]
    public async Task AnswerAsync_BodyOverTheLimit_IsTooLarge(bool chunked, int bytes)
    {
        byte[] body = new byte[bytes];
        body.AsSpan().Fill((byte)' ');
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions") { Content = RunningServer.Json(body) };
        request.Headers.TransferEncodingChunked = chunked;
        using HttpResponseMessage response = await _server.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("request_too_large", (await ErrorAsync(response)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task AnswerAsync_AnotherContentType_IsRefused()
    {
        using StringContent body = new("""{"messages":[{"role":"user","content":"a"}]}""", Encoding.UTF8, "text/plain");
        using HttpResponseMessage response = await _server.Http.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task AnswerAsync_LargeBodyOfAnotherContentType_GetsItsAnswer()
    {
        using ByteArrayContent body = new(new byte[20 << 20]);
        using HttpResponseMessage response = await _server.Http.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/v1/embeddings")]
    [InlineData("GET", "/api/unknown")]
    public async Task MapKvNorm_UnknownAddress_IsToldInTheSameShape(string method, string path)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        using HttpResponseMessage response = await _server.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("unknown_url", (await ErrorAsync(response)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task AnswerAsync_LongValue_IsNotRepeatedWhole()
    {
        using HttpResponseMessage response = await _server.PostAsync(
            "/v1/chat/completions",
            $$"""{"messages":[{"role":"user","content":"a"}],"model":"{{new string('7', 100_000)}}"}""");
        string message = (await ErrorAsync(response)).GetProperty("message").GetString()!;
        Assert.InRange(message.Length, 1, 500);
        Assert.Contains("777", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerAsync_UnknownFields_AreIgnoredAndListedInDebug()
    {
        await _server.CompleteAsync("""{"messages":[{"role":"user","content":"secret text","extra":1}],"wobble":1,"store":true}""");
        Assert.Contains(_server.Log.Lines, static line => line.Contains("ignored: wobble, store", StringComparison.Ordinal));
        Assert.DoesNotContain(_server.Log.Lines, static line => line.Contains("secret text", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnswerAsync_ManyUnknownFields_AreListedInPartOnOneLine()
    {
        string fields = string.Concat(Enumerable.Range(10, 30).Select(static index => $"\"odd\\n{index}\":1,"));
        await _server.CompleteAsync($$"""{{{fields}}"messages":[{"role":"user","content":"a"}]}""");
        string line = Assert.Single(_server.Log.Lines, static line => line.Contains("are ignored", StringComparison.Ordinal));
        Assert.Contains("odd10, odd11", line, StringComparison.Ordinal);
        Assert.DoesNotContain("30", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerAsync_NullForWhatIsOff_IsAnswered()
    {
        await _server.CompleteAsync(
            """{"stream":null,"stream_options":{"include_usage":null},"messages":[{"role":"user","content":"a"}]}""");
        using HttpResponseMessage response = await _server.PostAsync("/v1/responses", """{"stream":null,"input":"a"}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private async Task RequireRefusedAsync(string body, int status, string code, string? field)
    {
        using HttpResponseMessage response = await _server.PostAsync("/v1/chat/completions", body);
        JsonElement error = await ErrorAsync(response);
        Assert.Equal(
            (status, code, field, "invalid_request_error"),
            ((int)response.StatusCode, error.GetProperty("code").GetString(), error.GetProperty("param").GetString(),
                error.GetProperty("type").GetString()));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.Empty(_client.Requests);
    }

    private static async Task<JsonElement> ErrorAsync(HttpResponseMessage response) =>
        (await RunningServer.ReadAsync(response)).GetProperty("error");
}
