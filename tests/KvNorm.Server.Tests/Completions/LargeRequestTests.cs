using System.Net;
using System.Text.Json;

namespace KvNorm.Server.Tests.Completions;

/// <summary>Requests within the limits that are more than a model can take.</summary>
public sealed class LargeRequestTests
{
    private const int Tools = 128, DescriptionCharacters = 8 << 10; // a megabyte together

    [Fact]
    public async Task AnswerAsync_AMegabyteOfTools_IsRefusedAndTheNextRequestAnswered()
    {
        await using RunningServer server = await TinyServer.StartAsync();
        string description = new('a', DescriptionCharacters);
        string tools = string.Join(',', Enumerable.Range(0, Tools).Select(
            tool => $$$"""{"type":"function","function":{"name":"f{{{tool}}}","description":"{{{description}}}"}}"""));
        using HttpResponseMessage refused = await server.PostAsync("/v1/chat/completions", Request($",\"tools\":[{tools}]"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        JsonElement error = (await RunningServer.ReadAsync(refused)).GetProperty("error");
        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
        Assert.Contains("tools", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        await server.CompleteAsync(Request(""));
    }

    private static string Request(string fields) =>
        $$"""{"max_tokens":4,"messages":[{"role":"user","content":"hello"}]{{fields}}}""";
}
