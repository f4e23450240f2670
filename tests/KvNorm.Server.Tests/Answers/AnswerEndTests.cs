using Microsoft.Extensions.AI;

namespace KvNorm.Server.Tests.Answers;

/// <summary>Answers of an application that runs tools of its own, in several rounds, none of which whoever asked is to see.</summary>
public sealed class AnswerEndTests
{
    private const string Question =
        "\"stream_options\":{\"include_usage\":true},\"input\":\"hello\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]";

    [Theory]
    [InlineData("/v1/chat/completions", "false")]
    [InlineData("/v1/chat/completions", "true")]
    [InlineData("/v1/responses", "false")]
    [InlineData("/v1/responses", "true")]
    public async Task Complete_ApplicationRanItsTool_IsToldAsOneAnswer(string path, string stream)
    {
        FakeChatClient model = InRounds(
            [new TextContent("I look. "), new FunctionCallContent("c1", "weather")], [new TextContent("Sunny.")]);
        await using RunningServer server = await StartAsync(model);
        string body = await AskAsync(server, path, $"{{\"stream\":{stream},{Question}}}");
        Assert.DoesNotContain("weather", body, StringComparison.Ordinal);
        Assert.DoesNotContain("\"tool_calls\"", body, StringComparison.Ordinal);
        Assert.Contains("\"total_tokens\":28", body, StringComparison.Ordinal); // of both rounds
        if (path == "/v1/chat/completions")
        {
            Assert.Equal(2, body.Split("\"finish_reason\":\"stop\"").Length);
            Assert.Equal(2, body.Split("\"usage\"").Length);
            return;
        }

        string id = body.Substring(body.IndexOf("resp_", StringComparison.Ordinal), "resp_".Length + 32);
        await AskAsync(server, path, $$"""{"input":"and now?","previous_response_id":"{{id}}"}""");
        Assert.Equal(
            "hello|I look. Sunny.|and now?", string.Join('|', model.Requests[^1].Messages.Select(static message => message.Text)));
    }

    [Theory]
    [InlineData("/v1/chat/completions", "false")]
    [InlineData("/v1/chat/completions", "true")]
    [InlineData("/v1/responses", "false")]
    [InlineData("/v1/responses", "true")]
    public async Task Complete_CallOfTheClientsTool_IsLeftToIt(string path, string stream)
    {
        FakeChatClient model = InRounds([new FunctionCallContent("c1", "weather")], [new FunctionCallContent("c2", "ask")]);
        await using RunningServer server = await StartAsync(model);
        string tool = path == "/v1/responses" ? "{\"type\":\"function\",\"name\":\"ask\"}"
            : "{\"type\":\"function\",\"function\":{\"name\":\"ask\"}}";
        string body = await AskAsync(server, path, $"{{\"stream\":{stream},\"tools\":[{tool}],{Question}}}");
        Assert.DoesNotContain("weather", body, StringComparison.Ordinal);
        Assert.Contains("\"c2\"", body, StringComparison.Ordinal);
        if (path == "/v1/chat/completions")
            Assert.Equal(2, body.Split("\"finish_reason\":\"tool_calls\"").Length);
    }

    private static Task<RunningServer> StartAsync(FakeChatClient model) => RunningServer.StartAsync(new FunctionInvokingChatClient(model)
    {
        AdditionalTools = [AIFunctionFactory.Create(static () => "18 degrees", "weather")],
    });

    // One that says something else each time it is asked.
    private static FakeChatClient InRounds(params AIContent[][] rounds)
    {
        FakeChatClient client = null!;
        client = new FakeChatClient((index, _) =>
        {
            AIContent[] round = rounds[Math.Min(client.Requests.Count, rounds.Length) - 1];
            return Task.FromResult(index < round.Length ? new ChatResponseUpdate(ChatRole.Assistant, [round[index]])
                : index == round.Length ? Last(round.Any(static content => content is FunctionCallContent))
                : null);
        });
        return client;
    }

    private static ChatResponseUpdate Last(bool hasCalls) => new(
        ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 10, OutputTokenCount = 4, TotalTokenCount = 14 })])
    {
        FinishReason = hasCalls ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
    };

    private static async Task<string> AskAsync(RunningServer server, string path, string body)
    {
        using HttpResponseMessage response = await server.PostAsync(path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }
}
