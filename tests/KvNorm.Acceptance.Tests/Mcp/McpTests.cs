using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Acceptance.Tests.Mcp;

/// <summary>Tools of an MCP server called by the model, and a model that an MCP server asks through its client.</summary>
[Collection(SharedModel.Name)]
public sealed class McpTests(ChatClientFixture shared)
{
    [Fact]
    public async Task Tool_OfAServer_IsCalledAndItsResultRead()
    {
        int runs = 0;
        McpServerToolCreateOptions named = new() { Name = Lamp.FunctionName, Description = "Switches the lamp." };
        McpServerTool tool = McpServerTool.Create((bool on) => $"Run {++runs}: {on}.", named);
        await using McpPair pair = await McpPair.CreateAsync([tool]);
        IList<McpClientTool> tools = await pair.Client.ListToolsAsync();

        using RequestLog log = new(shared.Client);
        using IChatClient client = log.AsBuilder().UseOneRoundInvocation().Build();
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 40, Tools = [.. tools], ToolMode = ChatToolMode.RequireAny };
        ChatResponse response = await client.GetResponseAsync([User("Switch on the lamp.")], options);

        Assert.Equal(1, runs);
        FunctionResultContent result = Assert.Single(response.Messages.Contents<FunctionResultContent>());
        Assert.Null(result.Exception);
        Assert.Equal(2, log.Requests.Count);
        Assert.NotEmpty(response.Messages[^1].Text);
    }

    [Fact]
    public async Task SamplingHandler_OverTheClient_AnswersTheServer()
    {
        McpServerTool asks = McpServerTool.Create(AskAsync, new McpServerToolCreateOptions { Name = "ask" });
        McpClientHandlers handlers = new() { SamplingHandler = shared.Client.CreateSamplingHandler() };
        await using McpPair pair = await McpPair.CreateAsync([asks], handlers);
        CallToolResult result = await pair.Client.CallToolAsync("ask");
        Assert.NotEqual(true, result.IsError);
        Assert.Equal(
            await shared.Client.AnswerAsync([User("Name a fruit.")], 4),
            Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text);

        static async Task<string> AskAsync(McpServer server, CancellationToken cancellationToken)
        {
            CreateMessageRequestParams request = new()
            {
                Messages = [new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = "Name a fruit." }] }],
                MaxTokens = 4,
                Temperature = 0,
            };
            CreateMessageResult answer = await server.SampleAsync(request, cancellationToken: cancellationToken);
            return answer.Content.OfType<TextContentBlock>().Single().Text;
        }
    }
}
