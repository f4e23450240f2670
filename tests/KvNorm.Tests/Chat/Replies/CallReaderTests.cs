using KvNorm.Chat.Dialects;
using KvNorm.Chat.Replies;

namespace KvNorm.Tests.Chat.Replies;

public sealed class CallReaderTests
{
    // What stands behind the mark, the calls that are read, and what is left.
    private const string GemmaCall = """|time{"a":"x}\u003Ctool_call|\u003E y","b":[1,{"c":true}]}|""";
    private const string LiquidCalls = """|time{}||weather{"city":"it\u0027s","days":2}|""";
    private const string Marks = """|note{"text":"a\u003C/function\u003E \u003C/parameter\u003E b"}|""";

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
        { "Kimi K2", "functions.time:12<|tool_call_argument_begin|>{\"a\":1}<|tool_call_end|>", "|time{\"a\":1}|", "<|tool_call_end|>" },
        { "Solar", "x1y2z3a4b5<|tool_call:name|>time<|tool_call:args|>{}<|tool_call:end|>", "|time{}|", "<|tool_call:end|>" },
        { "Gemma 4", "call:time{a:<|\"|>x}<tool_call|> y<|\"|>,b:[1,{c:true}]}<tool_call|>", GemmaCall, "<tool_call|>" },
        { "LFM2", "[time(), weather(city='it\\'s', days=2)]<|tool_call_end|>x", LiquidCalls, "<|tool_call_end|>x" },
        { "Apertus", "[{\"time\": {\"a\":1}}, {\"weather\": {}}]<|tools_suffix|>", "|time{\"a\":1}||weather{}|", "<|tools_suffix|>" },
        { "Command R+", "\n[\n{\"tool_name\":\"time\",\"parameters\":{}}\n]```\nx", "|time{}|", "x" },
        { "Command R+", "\n[{\"tool_name\":\"time\",\"parameters\":{}}] x", "|time{}|", "x" },
        { "Functionary 3.2", "time\n{\"a\":1}>>>all", "|time{\"a\":1}|", ">>>all" },
        { "Functionary 3.2", "all\nHello { you", "", "Hello { you" },
        { "DeepSeek V3.2", "note\">\n<｜DSML｜parameter name=\"text\" string=\"true\">5</｜DSML｜parameter>\n<｜DSML｜parameter name=\"tags\" "
            + "string=\"false\">[]</｜DSML｜parameter>\n</｜DSML｜invoke>", "|note{\"text\":\"5\",\"tags\":[]}|", "</｜DSML｜invoke>" },
        // marks in values
        {
            "Qwen3-Coder",
            "\n<function=note>\n<parameter=text>\na</function> </parameter> b\n</parameter>\n</function>x",
            Marks,
            "</function>x"
        },
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
    [InlineData("LFM2", " is a mark")]
    [InlineData("LFM2", "[1, 2]")]
    [InlineData("LFM2", "[time(1)]")]
    [InlineData("LFM2", "[time(a=1, a=2)]<|tool_call_end|>")]
    [InlineData("Gemma 4", " call me")]
    [InlineData("Apertus", "[1]")]
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
    [InlineData("Hermes", "{\"name\":\"time\",\"arg", "time")]
    [InlineData("Hermes", "{\"na", null)]
    [InlineData("Mistral", "time[ARGS]", "time")]
    [InlineData("Mistral", "tim", null)]
    [InlineData("Mistral", "time[ARGS]{\"a\":", "time")]
    [InlineData("Qwen3-Coder", "\n<function=time>\n<param", "time")]
    [InlineData("Qwen3-Coder", "\n<func", null)]
    [InlineData("LFM2", "[time(a='x", "time")]
    [InlineData("LFM2", "[tim", null)]
    [InlineData("Gemma 4", "call:time{a:", "time")]
    [InlineData("Apertus", "[{\"time\": {", "time")]
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
        CallReader reader = new(format, Spoken.Tools, new CallContents(format), contents);
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
