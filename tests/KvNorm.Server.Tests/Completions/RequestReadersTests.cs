using Microsoft.Extensions.AI;

namespace KvNorm.Server.Tests.Completions;

/// <summary>What the fields of a chat completion come to in the abstractions.</summary>
public sealed class RequestReadersTests
{
    [Fact]
    public async Task OptionsReader_AllSettings_AreThoseOfTheClient()
    {
        (_, ChatOptions options) = await AskAsync("""
            "messages":[{"role":"user","content":"a"}],
            "temperature":0.5,"top_p":0.9,"top_k":7,"frequency_penalty":0.1,"presence_penalty":-0.1,"seed":-5,"max_tokens":9,"stop":"x",
            "reasoning_effort":"none","parallel_tool_calls":false,"min_p":0.05,"logit_bias":null,"logprobs":false,"n":1,
            "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}},
            "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}},
                     {"type":"function","function":{"name":"g"}}],
            "tool_choice":{"type":"function","function":{"name":"g"}}
            """);
        Assert.Equal((0.5f, 0.9f, 7), (options.Temperature!.Value, options.TopP!.Value, options.TopK!.Value));
        Assert.Equal((0.1f, -0.1f), (options.FrequencyPenalty!.Value, options.PresencePenalty!.Value));
        Assert.Equal((-5, 9), (options.Seed!.Value, options.MaxOutputTokens!.Value));
        Assert.Equal("x", Assert.Single(options.StopSequences!));
        Assert.Equal(ReasoningEffort.None, options.Reasoning!.Effort);
        Assert.False(options.AllowMultipleToolCalls);
        Assert.Equal("min_p", Assert.Single(options.AdditionalProperties!).Key);
        Assert.Equal("n", Assert.IsType<ChatResponseFormatJson>(options.ResponseFormat).SchemaName);
        Assert.Equal("f g", string.Join(' ', options.Tools!.Select(static tool => tool.Name)));
        Assert.Equal(ChatToolMode.RequireSpecific("g"), options.ToolMode);
        Assert.Null(options.ModelId);
        Assert.Null(options.ConversationId); // the fake client does not say that it keeps conversations
    }

    [Theory]
    [InlineData("\"none\"", typeof(NoneChatToolMode))]
    [InlineData("\"auto\"", typeof(AutoChatToolMode))]
    [InlineData("\"required\"", typeof(RequiredChatToolMode))]
    public async Task OptionsReader_ToolChoice_IsTheMode(string choice, Type mode)
    {
        (_, ChatOptions options) = await AskAsync(
            "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],"
            + $"\"tool_choice\":{choice}");
        Assert.IsType(mode, options.ToolMode);
    }

    [Fact]
    public async Task MessageReader_AllRoles_AreMessages()
    {
        (ChatMessage[] messages, _) = await AskAsync("""
            "messages":[
              {"role":"developer","content":"Be brief."},
              {"role":"user","name":"Anna","content":[{"type":"text","text":"1 +"},{"type":"text","text":" 2?"}]},
              {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[
                {"id":"c1","type":"function","function":{"name":"add","arguments":"{\"a\":[1,2]}"}},
                {"id":"c2","type":"function","function":{"name":"now","arguments":""}}]},
              {"role":"tool","tool_call_id":"c1","content":"3"},
              {"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"noon"}]},
              {"role":"assistant","content":"","refusal":"no"}]
            """);
        Assert.Equal(
            [ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.Tool, ChatRole.Assistant],
            messages.Select(static message => message.Role));
        Assert.Equal("1 + 2?", messages[1].Text);
        Assert.Equal("hm", Assert.IsType<TextReasoningContent>(messages[2].Contents[0]).Text);
        FunctionCallContent call = Assert.IsType<FunctionCallContent>(messages[2].Contents[1]);
        Assert.Equal(("c1", "add", "[1,2]"), (call.CallId, call.Name, call.Arguments!["a"]!.ToString()));
        Assert.Equal("noon", Assert.IsType<FunctionResultContent>(messages[4].Contents[0]).Result);
        Assert.Equal("no", messages[5].Text);
    }

    private static async Task<(ChatMessage[] Messages, ChatOptions Options)> AskAsync(string fields)
    {
        FakeChatClient client = FakeChatClient.Saying(new TextContent("hi"));
        await using RunningServer server = await RunningServer.StartAsync(client);
        await server.CompleteAsync($"{{{fields}}}");
        (ChatMessage[] messages, ChatOptions? options) = Assert.Single(client.Requests);
        return (messages, options!);
    }
}
