using System.ClientModel;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;

namespace KvNorm.Server.Tests.Clients;

/// <summary>OpenAI's own .NET client.</summary>
public sealed class OpenAIClientTests(ClientServer server) : IClassFixture<ClientServer>
{
    private static readonly ChatTool Add = ChatTool.CreateFunctionTool(
        "add", "Adds two numbers.", BinaryData.FromString(
            """{"type":"object","properties":{"a":{"type":"integer","minimum":0,"maximum":9}},"required":["a"]}"""));

    private readonly OpenAIClient _openAI =
        new(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = server.Address });

    private ChatClient Chat => _openAI.GetChatClient(ClientServer.Model);

    [Fact]
    public async Task CompleteChat_WholeAndStreamed_SayTheSame()
    {
        ChatMessage[] messages = [new SystemChatMessage("Be brief."), new UserChatMessage("hello")];
        ChatCompletion whole = await Chat.CompleteChatAsync(messages, Greedy());
        Assert.NotEmpty(whole.Content[0].Text);
        Assert.Equal(ChatFinishReason.Length, whole.FinishReason);
        Assert.Equal(12, whole.Usage.OutputTokenCount);

        string text = "";
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in Chat.CompleteChatStreamingAsync(messages, Greedy()))
        {
            text += string.Concat(update.ContentUpdate.Select(static part => part.Text));
            usage = update.Usage ?? usage;
        }

        Assert.Equal(whole.Content[0].Text, text);
        Assert.Equal(whole.Usage.InputTokenCount, usage!.InputTokenCount);
        Assert.True(usage.InputTokenDetails.CachedTokenCount > 0);
    }

    [Fact]
    public async Task CompleteChat_RequiredTool_IsCalledAndItsResultTaken()
    {
        List<ChatMessage> messages = [new UserChatMessage("add")];
        ChatCompletionOptions options = Greedy(100);
        options.Tools.Add(Add);
        options.ToolChoice = ChatToolChoice.CreateFunctionChoice("add");
        ChatCompletion called = await Chat.CompleteChatAsync(messages, options);
        Assert.Equal(ChatFinishReason.ToolCalls, called.FinishReason);
        ChatToolCall call = Assert.Single(called.ToolCalls);
        Assert.Equal("add", call.FunctionName);
        Assert.InRange(JsonElement.Parse(call.FunctionArguments.ToString()).GetProperty("a").GetInt32(), 0, 9);

        messages.AddRange([new AssistantChatMessage(called), new ToolChatMessage(call.Id, "7")]);
        ChatCompletionOptions more = Greedy();
        more.Tools.Add(Add);
        more.ToolChoice = ChatToolChoice.CreateNoneChoice();
        ChatCompletion answer = await Chat.CompleteChatAsync(messages, more);
        Assert.Empty(answer.ToolCalls);
        Assert.NotEmpty(answer.Content[0].Text);
    }

    [Fact]
    public async Task CompleteChat_Schema_IsKept()
    {
        ChatCompletionOptions options = Greedy(100);
        options.ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("answer", BinaryData.FromString(
            """{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"],"additionalProperties":false}"""));
        ChatCompletion answer = await Chat.CompleteChatAsync([new UserChatMessage("well?")], options);
        JsonElement value = JsonElement.Parse(answer.Content[0].Text).GetProperty("ok");
        Assert.True(value.ValueKind is JsonValueKind.True or JsonValueKind.False);
    }

    [Fact]
    public async Task CompleteChat_UnknownModel_IsAnErrorWithItsStatus()
    {
        ClientResultException error = await Assert.ThrowsAsync<ClientResultException>(
            () => _openAI.GetChatClient("another").CompleteChatAsync(new UserChatMessage("hello")));
        Assert.Equal(404, error.Status);
        Assert.Contains("model_not_found", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetModels_Server_ListsItsOwn() =>
        Assert.Equal(ClientServer.Model, Assert.Single((await _openAI.GetOpenAIModelClient().GetModelsAsync()).Value).Id);

    private static ChatCompletionOptions Greedy(int tokens = 12) => new() { Temperature = 0, MaxOutputTokenCount = tokens, Seed = 1 };
}
