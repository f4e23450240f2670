using KvNorm.Tests.Chat;
using KvNorm.Tests.Runtime;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli.Tests;

public sealed class ChatSessionTests : IDisposable
{
    private readonly KvNormChatClient _client = TestClient.Tiny();
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "saved.kvnorm");

    private string Held => string.Concat(_client.GetRetention().Select(static token => token.Text));

    [Fact]
    public async Task SendAsync_SecondTurn_SendsTheWholeHistoryAndReusesIt()
    {
        ChatSession session = Session(4);
        string shown = "";
        TurnReport first = await session.SendAsync("hello", text => shown += text, CancellationToken.None);
        Assert.Equal(shown, first.Text);
        TurnReport second = await SendAsync(session, "the word");
        Assert.Equal((1, 2, 2), (first.Turn, second.Turn, session.Turns));
        Assert.True(second.CachedTokens >= first.InputTokens);
        Assert.True(session.IsKept);
    }

    [Fact]
    public async Task SendAsync_Stopped_KeepsWhatWasShownInTheHistory()
    {
        ChatSession session = Session(200);
        session.Attach(new AttachedFile("notes.txt", "the world"));
        string shown = await StopAsync(session, "hello");
        Assert.Equal(1, session.Turns);
        Assert.False(session.IsKept);
        Assert.Equal(2, (await SendAsync(session, "the")).Turn);
        Assert.True(session.IsKept);
        Assert.Contains(
            $"assistant\n{shown}<|im_end|>\n<|im_start|>user\nthe<|im_end|>",
            Held,
            StringComparison.Ordinal);
        Assert.Equal(2, Held.Split("notes.txt").Length); // the file stays with its message
    }

    [Fact]
    public async Task SendAsync_FailsBeforeAnAnswer_TakesTheMessageBackAndKeepsTheFile()
    {
        ChatSession session = Session(2);
        session.Attach(new AttachedFile("notes.txt", "the world"));
        using CancellationTokenSource stop = new();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.SendAsync("hello", static _ => { }, stop.Token));
        Assert.Equal((0, ""), (session.Turns, session.LastText));
        await SendAsync(session, "the");
        Assert.DoesNotContain("hello", Held, StringComparison.Ordinal);
        Assert.Contains("notes.txt:\n```\nthe world\n```\n\nthe<|im_end|>", Held, StringComparison.Ordinal);
        await SendAsync(session, "word");
        Assert.Contains("user\nword<|im_end|>", Held, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RetryAsync_AfterAnAnswer_AnswersTheSameMessageAgain()
    {
        ChatSession session = Session(4);
        TurnReport first = await SendAsync(session, "hello");
        TurnReport again = await session.RetryAsync(static _ => { }, CancellationToken.None);
        Assert.Equal((1, first.InputTokens, first.Text), (again.Turn, again.InputTokens, again.Text));
        TurnReport next = await SendAsync(session, "the");
        Assert.Equal(2, next.Turn);
        Assert.Equal(2, Held.Split("user\nhello").Length); // once
    }

    [Fact]
    public async Task RetryAsync_NothingComes_LeavesTheAnswerThatWas()
    {
        ChatSession session = Session(4);
        TurnReport first = await SendAsync(session, "hello");
        using CancellationTokenSource stop = new();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.RetryAsync(static _ => { }, stop.Token));
        Assert.Equal((1, first.Text), (session.Turns, session.LastText));
    }

    [Fact]
    public async Task RetryAsync_NoAnswer_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Session(4, "Be brief.").RetryAsync(static _ => { }, CancellationToken.None));

    [Fact]
    public async Task Reset_AfterTurns_BeginsANewConversationWithTheSystemPrompt()
    {
        ChatSession session = Session(2, "the world");
        TurnReport first = await SendAsync(session, "hello");
        session.Reset();
        TurnReport again = await SendAsync(session, "hello");
        Assert.Equal((1, first.InputTokens, first.Text), (again.Turn, again.InputTokens, again.Text));
        Assert.Equal("the world", session.SystemPrompt);
    }

    [Fact]
    public async Task SystemPrompt_Changed_StandsBeforeTheConversation()
    {
        ChatSession session = Session(2);
        await SendAsync(session, "hello");
        session.SystemPrompt = "the world";
        await SendAsync(session, "word");
        Assert.Contains("system\nthe world<|im_end|>\n<|im_start|>user\nhello", Held, StringComparison.Ordinal);
        session.SystemPrompt = "";
        await SendAsync(session, "word");
        Assert.DoesNotContain("the world", Held, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_SavedConversation_GoesOnWithItAndItsSystemPrompt()
    {
        ChatSession session = Session(4, "the world");
        TurnReport first = await SendAsync(session, "hello");
        await session.SaveAsync(File, CancellationToken.None);
        using KvNormChatClient other = TestClient.Tiny();
        ChatSession loaded = new(other, TestClient.Greedy(4), "Be brief.");
        await loaded.LoadAsync(File, CancellationToken.None);
        Assert.Equal((1, "the world", first.Text), (loaded.Turns, loaded.SystemPrompt, loaded.LastText));
        TurnReport second = await SendAsync(loaded, "the");
        Assert.Equal(2, second.Turn);
        Assert.True(second.CachedTokens >= first.InputTokens, "it was read again");
        Assert.Equal((await SendAsync(session, "the")).Text, second.Text);
    }

    [Fact]
    public async Task LoadAsync_NoSavedConversation_LeavesThisOne()
    {
        ChatSession session = Session(4);
        await SendAsync(session, "hello");
        string text = _folder.Write("text", "no conversation"u8.ToArray());
        await Assert.ThrowsAsync<ConversationFileException>(() => session.LoadAsync(text, CancellationToken.None));
        Assert.Equal((1, true), (session.Turns, session.IsKept));
        Assert.Single(_client.GetConversations(), static one => one.ConversationId is not null);
    }

    [Fact]
    public async Task SaveAsync_NoFinishedAnswer_IsRefused()
    {
        ChatSession session = Session(200);
        await Assert.ThrowsAsync<ArgumentException>(() => session.SaveAsync(File, CancellationToken.None));
        await StopAsync(session, "hello");
        await Assert.ThrowsAsync<ArgumentException>(() => session.SaveAsync(File, CancellationToken.None));
    }

    [Fact]
    public async Task SaveAsync_ChangedSinceTheLastAnswer_IsRefusedWithTheReason()
    {
        ChatSession session = Session(4);
        await SendAsync(session, "hello");
        session.SystemPrompt = "the world";
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => session.SaveAsync(File, CancellationToken.None));
        Assert.Contains("/system", refused.Message, StringComparison.Ordinal);
        await SendAsync(session, "the");
        await session.SaveAsync(File, CancellationToken.None);
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    private ChatSession Session(int tokens, string system = "") => new(_client, TestClient.Greedy(tokens), system);

    private static Task<TurnReport> SendAsync(ChatSession session, string message) =>
        session.SendAsync(message, static _ => { }, CancellationToken.None);

    private static async Task<string> StopAsync(ChatSession session, string message)
    {
        using CancellationTokenSource stop = new();
        string shown = "";
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.SendAsync(message, Stop, stop.Token));
        return shown;

        void Stop(string text)
        {
            shown += text;
            stop.Cancel();
        }
    }
}
