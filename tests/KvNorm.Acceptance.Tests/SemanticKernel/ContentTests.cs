using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace KvNorm.Acceptance.Tests.SemanticKernel;

public sealed class ContentTests(KernelFixture fixture) : KernelTests(fixture)
{
    public static TheoryData<string> Kinds => ["image by bytes", "image by URI", "audio"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Content_NotText_IsRefusedByItsType(string kind)
    {
        KernelContent content = kind switch
        {
            "image by bytes" => new ImageContent(new byte[] { 1, 2, 3 }, "image/png"),
            "image by URI" => new ImageContent(new Uri("https://example.org/sea.png")) { MimeType = "image/png" },
            _ => new AudioContent(new byte[] { 1, 2, 3 }, "audio/wav"),
        };
        ChatHistory history = [];
        history.AddUserMessage([new TextContent("What is this?"), content]);
        NotSupportedException exception = await Assert.ThrowsAsync<NotSupportedException>(
            () => Service(Kernel()).GetChatMessageContentAsync(history, Brief()));
        Assert.Contains(kind == "audio" ? "audio/wav" : "image/png", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancellation_Before_ThrowsAndTheNextCallIsAnswered()
    {
        IChatCompletionService service = Service(Kernel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            service.GetChatMessageContentAsync(Question, Brief(), cancellationToken: new CancellationToken(canceled: true)));
        Assert.NotEmpty((await service.GetChatMessageContentAsync(Question, Brief())).Content!);
    }

    [Fact]
    public async Task Cancellation_During_ThrowsAndTheNextCallIsAnswered()
    {
        IChatCompletionService service = Service(Kernel());
        using CancellationTokenSource stop = new();
        int pieces = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            IAsyncEnumerable<StreamingChatMessageContent> stream = service.GetStreamingChatMessageContentsAsync(
                Question, Brief(200), cancellationToken: stop.Token);
            await foreach (StreamingChatMessageContent _ in stream)
            {
                if (++pieces == 2)
                    await stop.CancelAsync();
            }
        });
        Assert.Equal(2, pieces);
        Assert.NotEmpty((await service.GetChatMessageContentAsync(Question, Brief())).Content!);
    }
}
