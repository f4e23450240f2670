using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using FunctionCallContent = Microsoft.SemanticKernel.FunctionCallContent;
using FunctionResultContent = Microsoft.SemanticKernel.FunctionResultContent;

namespace KvNorm.Acceptance.Tests.SemanticKernel;

public sealed class ReducerTests(KernelFixture fixture) : KernelTests(fixture)
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task TruncationReducer_HistoryWithCalls_IsAnswered(int target)
    {
        ChatHistory history = WithCalls();
        IEnumerable<ChatMessageContent>? reduced = await new ChatHistoryTruncationReducer(target).ReduceAsync(history);
        Assert.NotNull(reduced);
        Kernel kernel = Kernel(new Lamp());
        Assert.NotEmpty((await Service(kernel).GetChatMessageContentAsync(new ChatHistory(reduced), Brief(), kernel)).Content!);
    }

    [Fact]
    public async Task SummarizationReducer_HistoryWithCalls_IsSummarisedByTheModelAndAnswered()
    {
        Kernel kernel = Kernel();
        ChatHistory history = WithCalls();
        IEnumerable<ChatMessageContent>? reduced = await new ChatHistorySummarizationReducer(Service(kernel), targetCount: 2)
            .ReduceAsync(history);
        Assert.NotNull(reduced);
        ChatHistory summary = [.. reduced];
        Assert.True(summary.Count < history.Count);
        Assert.Contains(summary, message => message.Metadata?.ContainsKey(ChatHistorySummarizationReducer.SummaryMetadataKey) == true);
        Assert.NotEmpty((await Service(kernel).GetChatMessageContentAsync(summary, Brief(), kernel)).Content!);
    }

    // Two questions, each with a call, its result and an answer, and a third one.
    private static ChatHistory WithCalls()
    {
        ChatHistory history = new("You look after a lamp.");
        for (int i = 0; i < 2; i++)
        {
            history.AddUserMessage("Is the lamp on?");
            FunctionCallContent call = new("look", "lamp", $"call{i}", []);
            history.Add(new ChatMessageContent(AuthorRole.Assistant, [call]));
            history.Add(new FunctionResultContent(call, "The lamp is off.").ToChatMessage());
            history.AddAssistantMessage("No, it is off.");
        }

        history.AddUserMessage("What is the sea?");
        return history;
    }
}
