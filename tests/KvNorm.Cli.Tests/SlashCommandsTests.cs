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

    public void Dispose() => _client.Dispose();

    private Task<bool> RunAsync(string entered) =>
        new SlashCommands(_client, new ChatSession(_client, TestClient.Greedy()), static _ => Task.CompletedTask)
            .TryRunAsync(entered, CancellationToken.None);
}
