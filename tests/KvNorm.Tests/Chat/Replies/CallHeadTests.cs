using KvNorm.Chat.Replies;

namespace KvNorm.Tests.Chat.Replies;

public sealed class CallHeadTests
{
    [Theory]
    [InlineData("Mistral", "weather[ARGS]", 7)]
    [InlineData("Mistral", "weather[CALL_ID]abcdefghi[ARGS]", 7)]
    [InlineData("Mistral", "weather", 7)]
    [InlineData("Mistral", "weather[ARG", 11)]
    [InlineData("gpt-oss", "time <|constrain|>", 4)]
    [InlineData("gpt-oss", "time<|channel|>commentary json", 4)]
    [InlineData("GLM", "weather\n<arg_key>", 7)]
    [InlineData("MiniMax-M2", "time\">\n", 4)]
    public void NameLength_Head_EndsAtTheFirstMark(string format, string head, int expected) =>
        Assert.Equal(expected, Head(format).NameLength(head));

    [Theory]
    [InlineData("Mistral", " weather [ARGS]", "weather")]
    [InlineData("Mistral", "unknown[ARGS]", "unknown")] // the caller answers a call of what was not offered
    [InlineData("Mistral", "is a mark, [ARGS]", null)]
    [InlineData("Mistral", "a b[ARGS]", "a b")] // a tool is called so
    [InlineData("Mistral", "[ARGS]", null)]
    [InlineData("Mistral", " \n", null)]
    [InlineData("Qwen3-Coder", "weather>\n<parameter=city>", "weather")]
    public void Name_Head_IsAWordOrATool(string format, string head, string? expected) =>
        Assert.Equal(expected, Head(format).Name(head));

    [Theory]
    [InlineData("Mistral", "time[CALL_ID]abcdefghi[ARGS]", "abcdefghi")]
    [InlineData("Mistral", "time[CALL_ID] abc ", "abc")]
    [InlineData("Mistral", "time[ARGS]", null)]
    [InlineData("GLM", "time[CALL_ID]abcdefghi\n", null)] // the format has no ids
    public void Id_Head_IsWhatFollowsItsMark(string format, string head, string? expected) =>
        Assert.Equal(expected, Head(format).Id(head));

    private static CallHead Head(string format) =>
        new(Spoken.Format(format), [.. Spoken.Tools, Spoken.Tool("a b", """{"type":"object","properties":{}}""")]);
}
