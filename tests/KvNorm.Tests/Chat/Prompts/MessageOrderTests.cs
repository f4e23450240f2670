using KvNorm.Chat.Prompts;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class MessageOrderTests
{
    [Theory]
    [InlineData("user: a | user: b", "user: a+b")]
    [InlineData("user: a | user: b | assistant: c | assistant: d | user: e", "user: a+b | assistant: c+d | user: e")]
    [InlineData("user: a | assistant: b | user: c", null)]
    [InlineData("assistant: a | tool: b | tool: c", null)]
    public void Joined_TextsOfOneRoleThatMeet_AreOne(string messages, string? expected) =>
        Assert.Equal(expected, Write(MessageOrder.Joined(Read(messages))));

    [Theory]
    [InlineData("system: s | user: a | assistant: b", "user: s+a | assistant: b")]
    [InlineData("user: a", null)]
    [InlineData("system: s | assistant: a", null)]
    [InlineData("system: s", null)]
    public void WithoutSystem_MovesItIntoTheFirstUserMessage(string messages, string? expected) =>
        Assert.Equal(expected, Write(MessageOrder.WithoutSystem(Read(messages))));

    [Fact]
    public void Joined_MessageWithCalls_StaysAlone()
    {
        List<IReadOnlyDictionary<string, object?>> messages = [.. Read("assistant: a | assistant: b")];
        messages[1] = new Dictionary<string, object?>(messages[1], StringComparer.Ordinal) { ["tool_calls"] = null };
        Assert.Null(MessageOrder.Joined(messages));
    }

    private static List<IReadOnlyDictionary<string, object?>> Read(string messages) =>
        [.. messages.Split(" | ").Select(message => message.Split(": "))
            .Select(parts => new Dictionary<string, object?>(StringComparer.Ordinal) { ["role"] = parts[0], ["content"] = parts[1] })];

    private static string? Write(IReadOnlyList<IReadOnlyDictionary<string, object?>>? messages) =>
        messages is null
            ? null
            : string.Join(" | ", messages.Select(message => $"{message["role"]}: {message["content"]}"))
                .Replace("\n\n", "+", StringComparison.Ordinal);
}
