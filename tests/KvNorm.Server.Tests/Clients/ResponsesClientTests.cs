using System.ClientModel;
using OpenAI.Responses;

namespace KvNorm.Server.Tests.Clients;

/// <summary>OpenAI's own .NET client of responses.</summary>
public sealed class ResponsesClientTests(ClientServer server) : IClassFixture<ClientServer>
{
    private readonly ResponsesClient _client =
        new(new ApiKeyCredential("none"), new ResponsesClientOptions { Endpoint = server.Address });

    [Fact]
    public async Task CreateResponse_PreviousResponse_IsGoneOnWith()
    {
        CreateResponseOptions options = Ask("hello");
        options.Instructions = "Be brief.";
        ResponseResult whole = await _client.CreateResponseAsync(options);
        Assert.NotEmpty(whole.GetOutputText());
        Assert.Equal(ResponseStatus.Incomplete, whole.Status);
        Assert.Equal(12, whole.Usage.OutputTokenCount);

        options = Ask("and?");
        options.Instructions = "Be brief.";
        options.PreviousResponseId = whole.Id;
        ResponseResult next = await _client.CreateResponseAsync(options);
        Assert.Equal(whole.Id, next.PreviousResponseId);
        Assert.True(next.Usage.InputTokenDetails.CachedTokenCount >= whole.Usage.TotalTokenCount - 1);
        Assert.Equal(next.GetOutputText(), (await _client.GetResponseAsync(next.Id)).Value.GetOutputText());
    }

    [Fact]
    public async Task CreateResponseStreaming_Text_IsThatOfTheWhole()
    {
        ResponseResult whole = await _client.CreateResponseAsync(Ask("hello"));
        CreateResponseOptions options = Ask("hello");
        options.StreamingEnabled = true;
        string text = "";
        ResponseResult? last = null;
        await foreach (StreamingResponseUpdate update in await _client.CreateResponseStreamingAsync(options))
        {
            text += (update as StreamingResponseOutputTextDeltaUpdate)?.Delta;
            last = (update as StreamingResponseIncompleteUpdate)?.Response ?? last;
        }

        Assert.Equal(whole.GetOutputText(), text);
        Assert.Equal(text, last!.GetOutputText());
    }

    [Fact]
    public async Task CreateResponse_RequiredTool_IsCalledAndItsResultTaken()
    {
        BinaryData schema = BinaryData.FromString("""{"type":"object","properties":{}}""");
        CreateResponseOptions options = Ask("count", 60);
        options.Tools.Add(ResponseTool.CreateFunctionTool("count", schema, strictModeEnabled: false, "Counts."));
        options.ToolChoice = ResponseToolChoice.CreateFunctionChoice("count");
        ResponseResult called = await _client.CreateResponseAsync(options);
        FunctionCallResponseItem call = Assert.Single(called.OutputItems.OfType<FunctionCallResponseItem>());
        Assert.Equal("count", call.FunctionName);

        CreateResponseOptions more = Ask("and?");
        more.InputItems.Insert(0, ResponseItem.CreateFunctionCallOutputItem(call.CallId, "7"));
        more.PreviousResponseId = called.Id;
        Assert.NotEmpty(((ResponseResult)await _client.CreateResponseAsync(more)).GetOutputText());
    }

    private static CreateResponseOptions Ask(string text, int tokens = 12) =>
        new(ClientServer.Model, [ResponseItem.CreateUserMessageItem(text)]) { Temperature = 0, MaxOutputTokenCount = tokens };
}
