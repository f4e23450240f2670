using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests;

public sealed class PrefillProgressTests
{
    private static readonly ChatMessage LongMessage = User(string.Join(' ', Enumerable.Repeat("the word hello", 500)));

    [Fact]
    public async Task Report_LongPrompt_RisesFromNothingTowardsItsLength()
    {
        using KvNormChatClient client = TestClient.Tiny(4096);
        (ChatResponse response, List<PrefillProgress> reports) = await AskAsync(client, [LongMessage]);
        Assert.True(reports.Count > 2, $"There are {reports.Count} reports.");
        Assert.Equal(0, reports[0].Prefilled);
        Assert.All(reports, report => Assert.Equal(response.Usage!.InputTokenCount, report.Total));
        Assert.All(reports.Zip(reports.Skip(1)), static pair => Assert.InRange(pair.Second.Prefilled - pair.First.Prefilled, 1, 512));
        Assert.InRange(reports[^1].Total - reports[^1].Prefilled, 1, 512);
    }

    [Fact]
    public async Task Report_BeginningHeld_StartsBehindIt()
    {
        using KvNormChatClient client = TestClient.Tiny();
        ChatMessage[] conversation = [User("hello")];
        (ChatResponse first, _) = await AskAsync(client, conversation);
        (ChatResponse second, List<PrefillProgress> reports) = await AskAsync(client, [.. conversation, .. first.Messages, User("the word")]);
        Assert.True(reports[0].Prefilled > 0);
        Assert.Equal(second.Usage!.CachedInputTokenCount, reports[0].Prefilled);
    }

    [Fact]
    public async Task Report_Throws_EndsThatRequestAndNoOther()
    {
        using KvNormChatClient client = TestClient.Tiny();
        await Assert.ThrowsAsync<InvalidDataException>(
            () => ObserveAsync(client, [User("hello")], static _ => throw new InvalidDataException("no")));
        Assert.NotEmpty((await AskAsync(client, [User("hello")])).Reports);
    }

    [Fact]
    public async Task Report_RequestThatAnotherOnesWorkerServes_SeesTheAmbientValuesOfItsOwnCaller()
    {
        using KvNormChatClient client = TestClient.Tiny();
        AsyncLocal<string?> caller = new();
        Task<string?>? other = null;
        caller.Value = "first";
        string? first = await AskAsync(() =>
        {
            other ??= Task.Run(() =>
            {
                caller.Value = "second";
                return AskAsync(static () => { });
            });
            Thread.Sleep(50); // so that it waits for this worker
        });
        Assert.Equal(("first", "second"), (first, await other!));

        async Task<string?> AskAsync(Action report)
        {
            string? seen = null;
            await ObserveAsync(client, [User("hello")], _ =>
            {
                seen = caller.Value;
                report();
            });
            return seen;
        }
    }

    [Fact]
    public async Task Option_OfAnotherType_IsRefused()
    {
        using KvNormChatClient client = TestClient.Tiny();
        ChatOptions options = TestClient.Greedy(2);
        options.AdditionalProperties = new() { [PrefillProgress.Option] = "often" };
        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync([User("hello")], options));
        Assert.Contains(PrefillProgress.Option, refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Asks for two tokens, and shows how far the prompt is prefilled.</summary>
    internal static Task<ChatResponse> ObserveAsync(
        KvNormChatClient client, IEnumerable<ChatMessage> messages, Action<PrefillProgress> observe)
    {
        ChatOptions options = TestClient.Greedy(2);
        options.AdditionalProperties = new() { [PrefillProgress.Option] = new Observer(observe) };
        return client.GetResponseAsync(messages, options);
    }

    private static async Task<(ChatResponse Response, List<PrefillProgress> Reports)> AskAsync(
        KvNormChatClient client, IEnumerable<ChatMessage> messages)
    {
        List<PrefillProgress> reports = [];
        return (await ObserveAsync(client, messages, reports.Add), reports);
    }

    private sealed class Observer(Action<PrefillProgress> observe) : IProgress<PrefillProgress>
    {
        public void Report(PrefillProgress value) => observe(value);
    }
}
