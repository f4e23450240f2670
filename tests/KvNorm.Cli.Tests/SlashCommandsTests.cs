using System.Diagnostics;
using KvNorm.Tests.Chat;

namespace KvNorm.Cli.Tests;

public sealed class SlashCommandsTests : IDisposable
{
    private readonly KvNormChatClient _client = TestClient.Tiny();

    [Fact]
    public async Task TryRunAsync_UnknownCommand_SaysHowItIsSentAsAMessage()
    {
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => RunAsync("/halp me"));
        Assert.Contains("/halp", refused.Message, StringComparison.Ordinal);
        Assert.Contains("With a space before it", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" /halp me")]
    [InlineData("/* halp */")]
    [InlineData("\"\"\"/halp\"\"\"")]
    public async Task TryRunAsync_Message_IsNotRun(string entered) => Assert.False(await RunAsync(entered));

    [Fact]
    public async Task TryRunAsync_AttachOfAPipeThatNobodyWritesInto_CanBeStopped()
    {
        if (OperatingSystem.IsWindows())
            return; // no such pipes
        string pipe = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}");
        using (Process mkfifo = Process.Start("mkfifo", [pipe]))
            await mkfifo.WaitForExitAsync();
        using CancellationTokenSource stop = new();
        Task<bool> attaching = RunAsync($"/attach {pipe}", stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => attaching);
        await File.WriteAllTextAsync(pipe, "done"); // which lets its reader go
        File.Delete(pipe);
    }

    public void Dispose() => _client.Dispose();

    private Task<bool> RunAsync(string entered, CancellationToken cancellationToken = default) =>
        new SlashCommands(_client, new ChatSession(_client, TestClient.Greedy()), static _ => Task.CompletedTask)
            .TryRunAsync(entered, cancellationToken);
}
