using KvNorm.Chat.Dialects;
using KvNorm.Chat.Replies;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Replies;

public sealed class BareCallReaderTests
{
    private static readonly HashSet<string> Offered = new(["weather", "time", "note"], StringComparer.Ordinal);

    // What is read, what is left of the text; null when more is needed.
    [Theory]
    [InlineData("{\"name\":\"time\",\"parameters\":{}} x", "|time{}|", " x")]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"time\",\"arguments\":{}}}", "|time{}|", "")]
    [InlineData("[{\"name\":\"time\",\"arguments\":{}}, {\"name\":\"weather\",\"arguments\":{}}]x", "|time{}||weather{}|", "x")]
    [InlineData("```json\n{\"name\":\"time\",\"arguments\":{}}\n```\nx", "|time{}|", "\nx")]
    [InlineData("```\n[{\"name\":\"time\",\"arguments\":{}}]\n``` x", "|time{}|", " x")]
    [InlineData("```json\n{\"name\":\"time\",\"arguments\":{}} x", "|time{}|", " x")]
    [InlineData("[time()] x", "|time{}|", " x")]
    [InlineData("[weather(city=\"Rome\", days=2), time()]", "|weather{\"city\":\"Rome\",\"days\":2}||time{}|", "")]
    [InlineData("[weather(city=')]', days=None)]", "|weather{\"city\":\")]\",\"days\":null}|", "")]
    [InlineData("{\"name\":\"time\",\"parameters\":{Rome}}", "|!time|", "")]
    [InlineData("{\"name\":\"time\",\"parameters\":{}", null, null)]
    [InlineData("{\"na", null, null)]
    [InlineData("{", null, null)]
    [InlineData("[", null, null)]
    [InlineData("[ti", null, null)]
    [InlineData("[time(", null, null)]
    [InlineData("```js", null, null)]
    [InlineData("```json\n", null, null)]
    [InlineData("```json\n{\"name\":\"time\",\"arguments\":{}}\n", null, null)] // is there a fence?
    [InlineData("{\"name\":\"other\",\"parameters\":{}}", "", null)]
    [InlineData("{\"name\":\"other\",", "", null)]
    [InlineData("{\"answer\":", "", null)]
    [InlineData("{\"name\":\"time\"}", "", null)]
    [InlineData("{ x", "", null)]
    [InlineData("[1", "", null)]
    [InlineData("[{\"name\":\"time\",\"arguments\":{}}, {\"name\":\"other\",\"arguments\":{}}]", "", null)]
    [InlineData("[timer", "", null)]
    [InlineData("[other(", "", null)]
    [InlineData("[time(1)]", "", null)]
    [InlineData("[time(), other()]", "", null)]
    [InlineData("[time(a=1, a=2)]", "", null)]
    [InlineData("```csharp\n{", "", null)]
    [InlineData("``` a line of text", "", null)]
    [InlineData("```json\ntext", "", null)]
    public void Read_Text_IsCallsOfOfferedTools(string text, string? expected, string? rest)
    {
        BareCallReader reader = Create("Llama 3");
        IReadOnlyList<FunctionCallContent>? calls = null;
        int taken = 0;
        for (int length = 1; length <= text.Length && calls is null; length++)
            calls = reader.Read(text.AsSpan(0, length), isAll: false, out taken);
        Assert.Equal(expected, calls is null ? null : Spoken.Line(calls));
        if (rest is not null)
            Assert.Equal(rest, text[taken..]);
    }

    [Theory]
    [InlineData("{\"name\":\"time\",\"par", "time")]
    [InlineData("{\"name\":\"ti", null)]
    [InlineData("[{\"name\":\"time\",\"par", "time")]
    [InlineData("[time(a=", "time")]
    [InlineData("[tim", null)]
    [InlineData("```json\n{\"name\":\"time\",\"par", "time")]
    [InlineData("```json\n", null)]
    [InlineData("{\"name\":\"other\",\"par", null)]
    public void UnfinishedName_CallThatWasBrokenOff_IsKnownWhenItHasCome(string text, string? expected)
    {
        BareCallReader reader = Create("Llama 3");
        Assert.Empty(reader.Read(text, isAll: true, out _)!);
        Assert.Equal(expected, reader.UnfinishedName(text));
    }

    [Fact]
    public void Read_NamesAsKeys_AreCalls()
    {
        IReadOnlyList<FunctionCallContent> calls = Create("Apertus").Read("[{\"time\":{\"a\":1}}]", isAll: false, out _)!;
        Assert.Equal("|time{\"a\":1}|", Spoken.Line(calls));
        Assert.Empty(Create("Apertus").Read("{\"answer\":{}}", isAll: false, out _)!);
    }

    private static BareCallReader Create(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        BareCallReader reader = new(format, new CallContents(format), Offered);
        reader.Begin();
        return reader;
    }
}
