using System.Text;
using System.Text.Json;
using KvNorm.Server.Api;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Tests.Api;

/// <summary>What is found in a body before anything is made of it.</summary>
public sealed class BodyCheckTests
{
    private const string Completion = """
        {"model":"m","user":"u","stop":["x"],"reasoning_effort":"low","unknown":{"name":"value"},
         "response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","schema":{"title":"t","enum":["a"]}}},
         "tools":[{"type":"function","function":{"name":"f","description":"d",
                   "parameters":{"title":"t","properties":{"p":{"type":"string"}}}}}],
         "tool_choice":{"type":"function","function":{"name":"f"}},
         "messages":[{"role":"user","content":[{"type":"text","text":"a","refusal":"r"}]},
                     {"role":"assistant","content":"b","refusal":"r","reasoning_content":"c",
                      "tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},
                     {"role":"tool","tool_call_id":"1","content":"d"}]}
        """;

    private const string Response = """
        {"model":"m","user":"u","instructions":"i","previous_response_id":"p","reasoning":{"effort":"low"},"unknown":["value"],
         "text":{"format":{"type":"json_schema","name":"n","description":"d","schema":{"title":"t"}}},
         "tools":[{"type":"function","name":"f","description":"d","parameters":{"title":"t"}}],"tool_choice":{"type":"function","name":"f"},
         "input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]},
                  {"type":"function_call","call_id":"1","name":"f","arguments":"{}"},
                  {"type":"function_call_output","call_id":"1","output":"d"},
                  {"type":"reasoning","content":[{"type":"reasoning_text","text":"a"}]}]}
        """;

    public static TheoryData<string, string> Bodies => new()
    {
        { "/v1/chat/completions", Completion },
        { "/v1/responses", Response },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task ReadAsync_HalfACharacterInAnyTextOrName_IsRefusedByName(string path, string body)
    {
        FakeChatClient client = FakeChatClient.Saying(new TextContent("hi"));
        await using RunningServer server = await RunningServer.StartAsync(client);
        Assert.InRange(Texts(body).Count, 30, 100);
        foreach ((int start, int length) in Texts(body))
        {
            string half = body[..start] + "\"\\ud800\"" + body[(start + length)..];
            using HttpResponseMessage response = await server.PostAsync(path, half);
            JsonElement error = (await RunningServer.ReadAsync(response)).GetProperty("error");
            Assert.Equal((400, "invalid_json"), ((int)response.StatusCode, error.GetProperty("code").GetString()));
            bool isName = body[start + length] == ':';
            Assert.True(isName || error.GetProperty("param").GetString()!.Length > 0, half); // that of a name is what it stands in
        }

        Assert.Empty(client.Requests);
    }

    [Theory]
    [InlineData("""{"tools":[{"function":{"parameters":{"a":{"b":"\ud800"}}}}]}""", "tools[0].function.parameters.a.b")]
    [InlineData("""{"tools":[{"function":{"parameters":{"not plain":{"b":"\ud800"}}}}]}""", "tools[0].function.parameters")]
    [InlineData("""{"a":1,"messages":[{},{"content":[{"x":1},{"text":"\udc00\ud800"}]}]}""", "messages[1].content[1].text")]
    [InlineData("""{"a":{"b":1,"\ud800":2}}""", "a")]
    [InlineData("""{"stop":["a","\ud800"]}""", "stop[1]")]
    [InlineData("""{"\ud800":2}""", null)]
    [InlineData("""["\ud800"]""", "[0]")]
    public void Require_HalfACharacter_SaysWhereInPlainNames(string body, string? field) =>
        Assert.Equal(field, Assert.Throws<ApiException>(() => Check(body)).Field);

    [Theory]
    [InlineData("""{"messages":[{},{},{}]}""", null)]
    [InlineData("""{"messages":[{},{},{},{}]}""", "messages")]
    [InlineData("""{"mess\u0061ges":[[],[],[],[]]}""", "messages")]
    [InlineData("""{"input":[{},{},{},{}""", "input")] // it ends in the middle of the body
    [InlineData("""{"messages":[{"content":[1,2,3,4,5,6,7,8,9,10,11,12]}]}""", null)]
    [InlineData("""{"messages":[{"content":[1,2,3,4,5,6]},{"tool_calls":[1,2,3,4,5,6,7]}]}""", "messages")]
    [InlineData("""{"tools":[{},{}]}""", null)]
    [InlineData("""{"tools":[{},{},{}]}""", "tools")]
    [InlineData("""{"tools":[{"parameters":{"enum":[1,2,3,4,5,6,7,8,9]}}]}""", null)] // schemas are bounded by their bytes
    [InlineData("""{"stop":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16"]}""", null)]
    [InlineData("""{"stop":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]}""", "stop")]
    [InlineData("""{"metadata":[1,2,3,4,5,6,7,8,9]}""", null)]
    public void Require_List_StopsAtItsMaximum(string body, string? field)
    {
        if (field is null)
        {
            Check(body);
            return;
        }

        ApiException e = Assert.Throws<ApiException>(() => Check(body));
        Assert.Equal((400, "array_above_max_length", field), (e.Status, e.Code, e.Field));
    }

    [Fact]
    public void Require_LongList_IsNotReadToItsEnd()
    {
        string body = $"{{\"messages\":[{string.Concat(Enumerable.Repeat("{},", 1_000_000))}{{}}]}}";
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ApiException>(() => BodyCheck.Require(bytes, new KvNormServerOptions()));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Require_BodyThatIsCut_IsLeftToWhoeverReadsIt()
    {
        for (int length = 0; length < Completion.Length; length++)
            BodyCheck.Require(Encoding.ASCII.GetBytes(Completion[..length]), new KvNormServerOptions());
    }

    [Theory]
    [InlineData("""{\"a\":\"\\ud800\"}""")]
    [InlineData("""{\"\\ud800\":1}""")]
    [InlineData("""{\"a\":[{\"b\":\"\\udc00\"}]}""")]
    public async Task Read_HalfACharacterInTheArgumentsOfACall_IsRefusedByName(string arguments)
    {
        FakeChatClient client = FakeChatClient.Saying(new TextContent("hi"));
        await using RunningServer server = await RunningServer.StartAsync(client);
        string call = $$$"""{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{{{arguments}}}"}}]}""";
        await RequireAsync("/v1/chat/completions", $$"""{"messages":[{{call}}]}""", "messages[0].tool_calls[0].function.arguments");
        string item = $$"""{"type":"function_call","call_id":"1","name":"f","arguments":"{{arguments}}"}""";
        await RequireAsync("/v1/responses", $$"""{"input":[{{item}}]}""", "input[0].arguments");
        Assert.Empty(client.Requests);

        async Task RequireAsync(string path, string body, string field)
        {
            using HttpResponseMessage response = await server.PostAsync(path, body);
            JsonElement error = (await RunningServer.ReadAsync(response)).GetProperty("error");
            Assert.Equal((400, field), ((int)response.StatusCode, error.GetProperty("param").GetString()));
        }
    }

    [Fact]
    public async Task ReadAsync_WholeCharactersThatAreEscaped_AndAByteOrderMark_AreRead()
    {
        FakeChatClient client = FakeChatClient.Saying(new TextContent("hi"));
        await using RunningServer server = await RunningServer.StartAsync(client);
        await server.CompleteAsync("\uFEFF" + """{"messages":[{"role":"user","content":"\ud83d\ude00"}]}""");
        Assert.Equal("😀", Assert.Single(client.Requests).Messages[0].Text);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"a"}]}x""")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}]}{}""")]
    public async Task ReadAsync_MoreBehindTheEnd_IsNoJson(string body)
    {
        await using RunningServer server = await RunningServer.StartAsync(FakeChatClient.Saying(new TextContent("hi")));
        using HttpResponseMessage response = await server.PostAsync("/v1/chat/completions", body);
        Assert.Equal(400, (int)response.StatusCode);
    }

    private static void Check(string body) => BodyCheck.Require(
        Encoding.UTF8.GetBytes(body), new KvNormServerOptions { MaximumMessages = 3, MaximumTools = 2 });

    // Where texts and names stand in a body of ASCII.
    private static List<(int Start, int Length)> Texts(string body)
    {
        List<(int, int)> texts = [];
        Utf8JsonReader reader = new(Encoding.ASCII.GetBytes(body));
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                texts.Add(((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2));
        }

        return texts;
    }
}
