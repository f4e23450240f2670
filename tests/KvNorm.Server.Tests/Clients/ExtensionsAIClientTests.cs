using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;

namespace KvNorm.Server.Tests.Clients;

/// <summary>Microsoft.Extensions.AI over OpenAI's client.</summary>
public sealed class ExtensionsAIClientTests(ClientServer server) : IClassFixture<ClientServer>
{
    private readonly IChatClient _client =
        new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = server.Address })
        .GetChatClient(ClientServer.Model)
        .AsIChatClient();

    [Fact]
    public async Task GetResponseAsync_WholeAndStreamed_SayTheSame()
    {
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 12, StopSequences = ["never said"] };
        ChatResponse whole = await _client.GetResponseAsync("hello", options);
        ChatResponse streamed = await _client.GetStreamingResponseAsync("hello", options).ToChatResponseAsync();
        Assert.NotEmpty(whole.Text);
        Assert.Equal(whole.Text, streamed.Text);
        Assert.Equal((ChatFinishReason.Length, ChatFinishReason.Length), (whole.FinishReason!.Value, streamed.FinishReason!.Value));
        Assert.Equal(12, streamed.Usage!.OutputTokenCount);
        Assert.Equal(streamed.Usage.InputTokenCount - 1, streamed.Usage.CachedInputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_FunctionInvocation_CallsAndGoesOn()
    {
        List<int> called = [];
        AIFunction digit = AIFunctionFactory.Create(
            (int a) =>
            {
                called.Add(a);
                return "done";
            },
            "digit");
        ChatOptions options = new()
        {
            Tools = [digit], ToolMode = ChatToolMode.RequireSpecific("digit"), Temperature = 0, MaxOutputTokens = 60,
        };
        using IChatClient client = _client.AsBuilder().UseFunctionInvocation().Build();
        ChatResponse response = await client.GetResponseAsync("hello", options);
        Assert.NotEmpty(called);
        Assert.Contains(response.Messages, static message => message.Role == ChatRole.Tool);
    }

    [Fact]
    public async Task GetResponseAsync_TypedAnswer_IsOfThatType()
    {
        ChatResponse<Answer> response = await _client.GetResponseAsync<Answer>(
            "hello", new ChatOptions { Temperature = 0, MaxOutputTokens = 100 });
        Assert.True(Enum.IsDefined(response.Result.Mood));
    }

    internal enum Mood
    {
        Good,
        Bad,
    }

    internal sealed record Answer(Mood Mood);
}
