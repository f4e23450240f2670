using KvNorm.Chat.Dialects;
using KvNorm.Chat.Replies;

namespace KvNorm.Tests.Chat.Replies;

public sealed class CallReaderTests
{
    private static readonly HashSet<string> Offered = new(["weather", "time", "note"], StringComparer.Ordinal);

    // What stands behind the mark, the calls that are read, and what is left.
    public static TheoryData<string, string, string, string> Calls => new()
    {
        { "Hermes", "\n{\"name\":\"time\",\"arguments\":{}}\n</tool_call> x", "|time{}|", "\n</tool_call> x" },
        { "Hermes", "{\"name\":\"time\"},\n{\"name\":\"time\"}; {\"name\":\"time\"}.", "|time{}||time{}||time{}|", "." },
        { "Hermes", "{\"name\":\"time\"}, and", "|time{}|", ", and" },
        { "Hermes", "[{\"name\":\"time\"}, {\"name\":\"time\"}] x", "|time{}||time{}|", " x" }, // a list where none is expected
        { "Mistral list", " [ ] x", "", " x" },
        { "Mistral list", "time[ARGS]{\"a\":1} x", "|time{\"a\":1}|", " x" },
        { "Mistral", "time[CALL_ID]abcdefghi[ARGS]{\"a\":{}}x", "|time{\"a\":{}}|", "x" },
        { "Functionary", "time></function>x", "|time{}|", "</function>x" },
        { "Functionary", "time>{\"a\":1}</function>", "|time{\"a\":1}|", "</function>" },
        { "DeepSeek R1", "function<｜tool▁sep｜>time\n```json\n{}\n```", "|time{}|", "\n```" },
        { "GLM", "time\n</tool_call>x", "|time{}|", "</tool_call>x" },
        { "GLM", "weather\n<arg_key>city</arg_key>\n<arg_value>5</arg_value>\n</tool_call>", "|weather{\"city\":\"5\"}|", "</tool_call>" },
        { "Qwen3-Coder", "\n<function=time>\n</function>x", "|time{}|", "</function>x" },
        { "Hermes", "{\"name\":\"time\",\"arguments\":{} <tool_call>", "|!time|", " <tool_call>" }, // broken off by a mark
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void Read_CallsBehindTheirMark_AreTakenAndNoMore(string format, string text, string calls, string rest)
    {
        foreach (int size in (int[])[1, 3, 1000])
        {
            AnswerContents contents = new(marks: true);
            CallReader reader = Begin(format, contents);
            (CallProgress progress, string left) = Run(reader, text, size);
            Assert.Equal(CallProgress.Done, progress);
            Assert.Equal((calls, rest.Trim()), (Spoken.Line(contents.Take()), left.Trim()));
        }
    }

    [Theory]
    [InlineData("Hermes", " is a mark")]
    [InlineData("Hermes", "[1, 2]")]
    [InlineData("Hermes", "{broken}")]
    [InlineData("Hermes", "{\"answer\":42}")]
    [InlineData("Mistral", "are two words [ARGS]{}")]
    [InlineData("DeepSeek R1", "fun, isn't it")]
    [InlineData("Qwen3-Coder", "\n<parameter=x>")]
    [InlineData("GLM", "\n\n it is </tool_call>")]
    public void Read_NoCall_TakesNothingOfItsText(string format, string text)
    {
        AnswerContents contents = new(marks: true);
        (CallProgress progress, string left) = Run(Begin(format, contents), text, 1000);
        Assert.Equal((CallProgress.None, text.Trim()), (progress, left.Trim()));
        Assert.Empty(contents.Take());
    }

    [Theory]
    [InlineData("Hermes", "")]
    [InlineData("Hermes", " \n")]
    [InlineData("Hermes", "{\"name\":\"time\"")]
    [InlineData("Hermes", "[ ")]
    [InlineData("Mistral", "time")]
    [InlineData("Mistral", "time[ARGS]{\"a\":")]
    [InlineData("DeepSeek R1", "func")]
    [InlineData("GLM", "weather\n<arg_key>city</arg_key>\n<arg_value>Rome</arg_value>")]
    public void Read_CallThatGoesOn_Waits(string format, string text)
    {
        AnswerContents contents = new(marks: true);
        Assert.Equal(CallProgress.Wait, Run(Begin(format, contents), text, 1000).Progress);
        Assert.Empty(contents.Take());
    }

    [Fact]
    public void Read_ProseWithoutAnEnd_IsNoNameForEver()
    {
        AnswerContents contents = new(marks: true);
        (CallProgress progress, string left) = Run(Begin("Mistral", contents), string.Concat(Enumerable.Repeat("word ", 300)), 7);
        Assert.Equal(CallProgress.None, progress);
        Assert.NotEmpty(left);
    }

    [Fact]
    public void Begin_AfterAnotherCall_ForgetsIt()
    {
        AnswerContents contents = new(marks: true);
        CallReader reader = Begin("Mistral", contents);
        Run(reader, "weather[CALL_ID]abcdefghi[ARGS]{\"cut", 1000);
        Assert.Equal("weather", reader.UnfinishedName("{\"cut"));
        reader.Begin("[TOOL_CALLS]");
        Assert.Null(reader.UnfinishedName(""));
        Assert.Equal(CallProgress.Done, Run(reader, "time[ARGS]{}", 1).Progress);
        Assert.Equal("|time{}|", Spoken.Line(contents.Take()));
    }

    [Theory]
    [InlineData("{\"name\":\"time\",\"parameters\":{}} x", "Done", "|time{}|")]
    [InlineData("{\"name\":\"time\",\"parameters\":{}", "Wait", "")]
    [InlineData("{\"na", "Wait", "")]
    [InlineData("{\"name\":\"other\",\"parameters\":{}}", "None", "")]
    [InlineData("{\"answer\":", "None", "")]
    [InlineData("{\"name\":\"Ann\"}", "None", "")]
    public void ReadBare_Json_IsACallOfAnOfferedTool(string text, string expected, string calls)
    {
        AnswerContents contents = new(marks: true);
        CallReader reader = new(Spoken.Format("Llama 3"), Spoken.Tools, contents);
        reader.BeginBare();
        Assert.Equal(expected, reader.ReadBare(text, Offered, out int taken).ToString());
        Assert.Equal(calls, Spoken.Line(contents.Take()));
        if (expected == "Done")
            Assert.Equal(" x", text[taken..]);
    }

    [Theory]
    [InlineData("Hermes", "{\"name\":\"time\",\"arg", "time")]
    [InlineData("Hermes", "{\"na", null)]
    [InlineData("Mistral", "time[ARGS]", "time")]
    [InlineData("Mistral", "tim", null)]
    [InlineData("Mistral", "time[ARGS]{\"a\":", "time")]
    [InlineData("Qwen3-Coder", "\n<function=time>\n<param", "time")]
    [InlineData("Qwen3-Coder", "\n<func", null)]
    public void UnfinishedName_CallThatWasBrokenOff_IsKnownWhenItHasCome(string format, string text, string? expected)
    {
        CallReader reader = Begin(format, new AnswerContents(marks: true));
        (CallProgress progress, string left) = Run(reader, text, 1000);
        Assert.Equal(CallProgress.Wait, progress);
        Assert.Equal(expected, reader.UnfinishedName(left));
    }

    [Fact]
    public void BreakOff_Call_IsOneThatCannotBeInvoked()
    {
        AnswerContents contents = new(marks: true);
        Begin("Hermes", contents).BreakOff("time");
        Assert.Equal("|!time|", Spoken.Line(contents.Take()));
    }

    private static CallReader Begin(string name, AnswerContents contents)
    {
        ToolCallFormat format = Spoken.Format(name);
        CallReader reader = new(format, Spoken.Tools, contents);
        reader.Begin(format.Starts.First());
        return reader;
    }

    // Gives the text in pieces of a size until the calls are over, or are none, or there is no more text.
    private static (CallProgress Progress, string Left) Run(CallReader reader, string text, int size)
    {
        (int at, int given) = (0, Math.Min(size, text.Length));
        while (true)
        {
            CallProgress progress = reader.Read(text.AsSpan(at, given - at), out int taken);
            at += taken;
            if (progress is CallProgress.Done or CallProgress.None || (progress == CallProgress.Wait && given == text.Length))
                return (progress, text[at..]);
            if (progress == CallProgress.Wait)
                given = Math.Min(text.Length, given + size);
        }
    }
}
