using KvNorm.Chat;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Replies;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Replies;

public sealed class AnswerParserTests
{
    private const string Weather = """|weather{"city":"Rome"}|""";
    private const string Time = "|time{}|";

    private static readonly ReasoningFormat Think = ReasoningFormat.For("</think>")!;

    public static TheoryData<string, string, string> Answers => new()
    {
        { "Hermes", "Just words.", "Just words." },
        { "Hermes", "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}\n</tool_call>", Weather },
        {
            "Hermes",
            "I look.\n\n<tool_call>{\"name\":\"weather\",\"arguments\":{\"city\":\"Rome\"}}</tool_call>\n<tool_call>\n"
            + "{\"name\":\"time\",\"arguments\":{}}\n</tool_call>\n",
            "I look." + Weather + Time
        },
        {
            "Hermes",
            "<tool_call>{\"name\":\"time\",\"arguments\":{}}\n{\"name\":\"weather\",\"arguments\":{\"city\":\"Rome\"}}</tool_call> Done.",
            Time + Weather + "Done."
        },
        { "Hermes", "<tool_call>{\"name\":\"time\",\"arguments\":\"{\\\"a\\\":1}\"}</tool_call>", "|time{\"a\":1}|" },
        {
            "Hermes",
            "<tool_call>{\"arguments\":{\"city\":\"</tool_call>\"},\"name\":\"weather\"}</tool_call>",
            "|weather{\"city\":\"\\u003C/tool_call\\u003E\"}|"
        },
        { "Hermes", "<tool_call>{\"name\":\"time\"}</tool_call>", Time },
        { "Hermes", "<tool_call>{\"name\":\"time\",\"arguments\":null}</tool_call>", Time },
        { "Hermes", "<tool_call>{\"type\":\"function\",\"function\":{\"name\":\"time\",\"arguments\":{}}}</tool_call>", Time },
        { "Hermes", "<tool_call>{\"name\":\"unknown\",\"arguments\":{}}</tool_call>", "|unknown{}|" },
        { "Hermes", "{\"name\":\"time\",\"arguments\":{}}", Time },
        { "Hermes", "```json\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}\n```", Weather },
        { "Hermes", "I look.\n```json\n{\"name\": \"time\", \"arguments\": {}}\n```\nSo.", "I look." + Time + "So." },
        { "Hermes", "```json\n{\"answer\": 1}\n```", "```json\n{\"answer\": 1}\n```" },
        { "Hermes", "```js\nf({\"name\":\"time\",\"arguments\":{}})\n``` `x` ``y``", "```js\nf(" + Time + ")\n``` `x` ``y``" },
        { "Hermes", "{\"answer\": {\"name\":\"time\",\"arguments\":{}}}", "{\"answer\": {\"name\":\"time\",\"arguments\":{}}}" },
        { "Hermes", "[{\"a\":1}, {\"name\":\"time\",\"arguments\":{}}]", "[{\"a\":1}, {\"name\":\"time\",\"arguments\":{}}]" },
        { "Hermes", "{ <tool_call>{\"name\":\"time\",\"arguments\":{}}</tool_call>", "{" + Time },
        { "Hermes", "{\"name\":\"time\"} is a name.", "{\"name\":\"time\"} is a name." },
        { "Hermes", "[1] See [time] and {x}, [weather(city)].", "[1] See [time] and {x}, [weather(city)]." },
        { "Mistral", "[{\"name\":\"time\",\"arguments\":{}}]", Time },
        { "Llama 3", "[weather(city='Rome')]", Weather },
        { "Llama 3", "Sure: [time(), weather(city=\"Rome\")] done", "Sure:" + Time + Weather + "done" },
        { "Llama 3", "I call {\"name\": \"weather\", \"parameters\": {\"city\": \"Rome\"}}", "I call" + Weather },
        { "Hermes", "a < b <tool b", "a < b <tool b" },
        { "Hermes", "Use the <tool_call> tag.", "Use the  tag." },
        { "Hermes", " <tool_call>{\"no\":\"call\"}</tool_call>", " {\"no\":\"call\"}" },
        { "generic", "{\"name\":\"weather\",\"arguments\":{\"city\":\"Rome\"}}", Weather },
        { "generic", "<tool_call>\n{\"name\":\"weather\",\"arguments\":{\"city\":\"Rome\"}}\n</tool_call>", Weather },
        { "generic", "<tool_response>\n{\"on\": true}\n</tool_response>\nIt is on.", "{\"on\": true}It is on." },
        { "generic", "<tool_response>{\"name\":\"time\",\"arguments\":{}}", "{\"name\":\"time\",\"arguments\":{}}" },
        { "generic", "It is on. <tool_response>", "It is on." },
        { "Hermes", "It is on.\n<tool_response>\n</tool_response>", "It is on." },
        { "Qwen3-Coder", "</tool_response>It is on.", "It is on." },
        { "GLM", "<tool_response>It is on.</tool_response>", "It is on." },
        { "Llama 3", "{\"name\": \"weather\", \"parameters\": {\"city\": \"Rome\"}}", Weather },
        { "Llama 3", "\n\n{\"type\":\"function\",\"name\":\"weather\",\"parameters\":{\"city\":\"Rome\"}}\n", Weather },
        { "Llama 3", "<|python_tag|>{\"name\": \"weather\", \"parameters\": {\"city\": \"Rome\"}}", Weather },
        { "Llama 3", "{\"name\": \"unknown\", \"parameters\": {}}", "{\"name\": \"unknown\", \"parameters\": {}}" },
        { "Llama 3", "{\"answer\": 42}", "{\"answer\": 42}" },
        { "Llama 3", "{ is a brace", "{ is a brace" },
        { "Llama 3", "{\"answer\": 1, \"name\": \"time\", \"parameters\": {}}", "{\"answer\": 1, \"name\": \"time\", \"parameters\": {}}" },
        { "Llama 3", "{\"name\": \"time\", \"parameters\": {}}; {\"name\": \"time\", \"parameters\": {}}", Time + ";" + Time },
        {
            "Mistral list",
            "[TOOL_CALLS][{\"name\":\"weather\",\"arguments\":{\"city\":\"Rome\"}}, {\"name\":\"time\",\"arguments\":{}}]",
            Weather + Time
        },
        { "Mistral list", "[TOOL_CALLS] [ {\"name\":\"time\",\"arguments\":{}} ]", Time },
        { "Mistral", "[TOOL_CALLS]weather[ARGS]{\"city\":\"Rome\"}[TOOL_CALLS]time[CALL_ID]123456789[ARGS]{}", Weather + Time },
        { "Mistral", "[TOOL_CALLS][{\"name\":\"time\",\"arguments\":{}}]", Time },
        { "Mistral", "a list [1, 2] [TOOL", "a list [1, 2] [TOOL" },
        { "Phi-4-mini", "<|tool_call|>[{\"name\":\"weather\",\"arguments\":{\"city\":\"Rome\"}}]<|/tool_call|>", Weather },
        { "Granite 3", "<|tool_call|>[{\"name\":\"weather\",\"arguments\":{\"city\":\"Rome\"}}]", Weather },
        { "Granite 3", "<tool_call>[{\"name\":\"time\",\"arguments\":{}}]</tool_call>", Time },
        {
            "DeepSeek R1",
            "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>weather\n```json\n{\"city\":\"Rome\"}\n"
            + "```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>time\n```json\n{}\n"
            + "```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            Weather + Time
        },
        {
            "DeepSeek V3.1",
            "Yes.<｜tool▁calls▁begin｜>"
            + "<｜tool▁call▁begin｜>weather<｜tool▁sep｜>{\"city\":\"Rome\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            "Yes." + Weather
        },
        { "gpt-oss", "<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{\"city\":\"Rome\"}<|call|>", Weather },
        { "gpt-oss", " to=functions.weather<|channel|>commentary json<|message|>{\"city\":\"Rome\"}", Weather },
        { "Functionary", "<function=weather>{\"city\":\"Rome\"}</function><function=time></function>", Weather + Time },
        {
            "Command R7B",
            "<|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"weather\", \"parameters\": {\"city\": "
            + "\"Rome\"}}\n]<|END_ACTION|>",
            Weather
        },
        {
            "Kimi K2",
            "Yes.<|tool_calls_section_begin|><|tool_call_begin|>functions.weather:0<|tool_call_argument_begin|>{\"city\":\"Rome\"}"
            + "<|tool_call_end|><|tool_call_begin|>functions.time:1<|tool_call_argument_begin|>{}<|tool_call_end|>"
            + "<|tool_calls_section_end|>",
            "Yes." + Weather + Time
        },
        {
            "Solar",
            "<|tool_calls|><|tool_call:begin|>a1b2c3d4e5<|tool_call:name|>weather<|tool_call:args|>{\"city\":\"Rome\"}"
            + "<|tool_call:end|><|calls|>",
            Weather
        },
        {
            "Gemma 4",
            "Yes.<|tool_call>call:weather{city:<|\"|>Rome<|\"|>}<tool_call|><|tool_call>call:time{}<tool_call|>",
            "Yes." + Weather + Time
        },
        { "Gemma 4", "<|tool_call>call:weather{city:<|\"|>Rome<|\"|>}", Weather }, // complete without its end mark
        { "LFM2", "<|tool_call_start|>[weather(city='Rome'), time()]<|tool_call_end|>Done.", Weather + Time + "Done." },
        { "LFM2", "<|tool_call_start|>[{\"name\": \"time\", \"arguments\": {}}]<|tool_call_end|>", Time },
        { "Apertus", "Yes.<|tools_prefix|>[{\"weather\": {\"city\": \"Rome\"}}, {\"time\": {}}]<|tools_suffix|>", "Yes." + Weather + Time },
        {
            "Command R+",
            "Action:\n```json\n[\n    {\n        \"tool_name\": \"weather\",\n        \"parameters\": {\"city\": \"Rome\"}\n    }\n]```\n",
            Weather
        },
        { "Command R+", "Action: none.\n```c\nx\n```", "Action: none.\n```c\nx\n```" },
        { "Functionary 3.2", ">>>all\nI look.\n>>>weather\n{\"city\": \"Rome\"}>>>time\n{}", "I look." + Weather + Time },
        {
            "DeepSeek V3.2",
            "I look.\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"weather\">\n<｜DSML｜parameter name=\"city\" string=\"true\">Rome"
            + "</｜DSML｜parameter>\n</｜DSML｜invoke>\n<｜DSML｜invoke name=\"time\">\n</｜DSML｜invoke>\n</｜DSML｜function_calls>",
            "I look." + Weather + Time
        },
        { "GigaChat", "<|function_call|>{\"name\": \"time\", \"arguments\": {}}", Time },
        { "Nemotron", "<TOOLCALL>[{\"name\":\"time\",\"arguments\":{}}]</TOOLCALL>", Time },
        { "Apriel", "<tool_calls>[{\"name\":\"time\",\"arguments\":{}}]</tool_calls>", Time },
        {
            "Qwen3-Coder",
            "<tool_call>\n<function=weather>\n<parameter=city>\nRome\n</parameter>\n<parameter=days>\n3\n</parameter>\n"
            + "</function>\n</tool_call>",
            "|weather{\"city\":\"Rome\",\"days\":3}|"
        },
        {
            "Qwen3-Coder",
            "<function=note>\n<parameter=text>\n\n5\n\n</parameter>\n<parameter=tags>\n[\"x\"]\n</parameter>\n</function>",
            "|note{\"text\":\"\\n5\\n\",\"tags\":[\"x\"]}|"
        },
        { "Seed-OSS", "<seed:tool_call>\n<function=weather>\n<parameter=city>Rome</parameter>\n</function>\n</seed:tool_call>", Weather },
        {
            "MiniMax-M2",
            "<minimax:tool_call>\n<invoke name=\"weather\">\n<parameter name=\"city\">Rome</parameter>\n</invoke>\n<invoke name=\"time\">\n"
            + "</invoke>\n</minimax:tool_call>",
            Weather + Time
        },
        {
            "GLM",
            "<tool_call>weather\n<arg_key>city</arg_key>\n<arg_value>Rome</arg_value>\n</tool_call>\n<tool_call>time</tool_call>",
            Weather + Time
        },
    };

    [Theory]
    [InlineData("Hermes", """<tool_call>{"name":"note","arguments":{"text":"\ud800"}}</tool_call>""", "|!note|")]
    [InlineData("Hermes", """<tool_call>{"name":"note","arguments":{"tags":["\udc00"]}}</tool_call>""", "|!note|")]
    [InlineData("Hermes", """<tool_call>{"name":"note","arguments":"{\"text\":\"\\ud800\"}"}</tool_call>""", "|!note|")]
    public void Push_HalfASurrogatePair_IsABrokenCall(string format, string answer, string expected) =>
        Assert.Equal(expected, Spoken.Read(Spoken.Format(format), null, [answer]));

    [Fact]
    public void Push_HalfASurrogatePairBetweenMarks_IsText()
    {
        const string answer = "<tool_call>\n<function=note>\n<parameter=tags>\n[\"\\ud800\"]\n</parameter>\n</function>\n</tool_call>";
        List<AIContent> contents = Spoken.Contents(Spoken.Format("Qwen3-Coder"), null, [answer]);
        FunctionCallContent call = Assert.Single(contents.OfType<FunctionCallContent>());
        Assert.Equal("[\"\\ud800\"]", call.Arguments!["tags"]!.ToString());
    }

    [Theory]
    [InlineData("<tool_response>It is on.</tool_response>", "It is on.")]
    [InlineData("<tool_call>{\"name\":\"time\",\"arguments\":{}}</tool_call>", "{\"name\":\"time\",\"arguments\":{}}")]
    [InlineData("It is on. <tool_", "It is on. <tool_")]
    public void Push_HiddenMarksWithoutTools_AreNotShown(string answer, string expected)
    {
        ToolCallFormat calls = Spoken.Format("generic");
        string[] marks = [.. calls.Starts, .. calls.Dropped, .. calls.ResultMarks];
        foreach (int size in (int[])[1, 5, answer.Length])
        {
            AnswerParser parser = new(null, null, [], hidden: marks);
            List<AIContent> contents = [.. answer.Chunk(size).SelectMany(piece => parser.Push(new string(piece)))];
            contents.AddRange(parser.Finish());
            Assert.Equal(expected, Spoken.Line(contents));
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Push_Answer_GivesItsContents(string format, string answer, string expected) =>
        Assert.Equal(expected, Spoken.Read(Spoken.Format(format), null, [answer]));

    [Theory]
    [MemberData(nameof(Answers))]
    public void Push_LetterByLetter_GivesTheSameContents(string format, string answer, string expected) =>
        Assert.Equal(expected, Spoken.Read(Spoken.Format(format), Think, answer.Select(static letter => letter.ToString())));

    // Each was read in another way as a whole than in pieces; ~ is text longer than a head may be.
    [Theory]
    [InlineData("DeepSeek R1", "````¦``json\n[time()]¦```", "```|time{}|")] // a fence, and in it what may be a mark
    [InlineData("DeepSeek R1", "a ````¦<｜tool▁call▁end｜>¦b", "a `b")]
    [InlineData("Gemma 4", "<|tool_call>call:weather{cit[¦~", "weather{cit[~")]
    [InlineData("Qwen3-Coder", "<tool_call>\n<function=¦~¦time>", "~time>")]
    public void Push_PiecesOfAnyLength_GiveTheSameContents(string format, string pieces, string expected)
    {
        string text = new('x', CallHead.Longest);
        pieces = pieces.Replace("~", text, StringComparison.Ordinal);
        expected = expected.Replace("~", text, StringComparison.Ordinal);
        Assert.Equal(expected, Spoken.Read(Spoken.Format(format), null, pieces.Split('¦')));
        Assert.Equal(expected, Spoken.Read(Spoken.Format(format), null, [pieces.Replace("¦", "", StringComparison.Ordinal)]));
    }

    [Fact]
    public void Push_MarkThatIsNone_EndsAContent()
    {
        List<AIContent> contents = Spoken.Contents(Spoken.Format("Command R+"), null, ["Action:\nAction:\n```json```json:\nno call"]);
        Assert.Collection(
            contents, static text => Assert.Equal("Action:", text.ToString()), static text => Assert.Equal("\n```json:\nno call", text.ToString()));
    }

    [Theory]
    [InlineData("<tool_call>{\"name\":\"weather\",\"arguments\":{\"city\":Rome}}</tool_call> ok", "|!weather|ok")]
    [InlineData("<tool_call>{\"name\":\"weather\",\"arguments\":{\"city\":\"Rome\"}</tool_call> ok", "|!weather|ok")]
    [InlineData("<tool_call>{\"name\":\"weather\",\"arguments\":[1]}</tool_call>", "|!weather|")]
    [InlineData("<tool_call>{\"name\":\"weather\",\"arguments\":\"Rome\"}</tool_call>", "|!weather|")]
    [InlineData("<tool_call>{\"name\":\"weather\",\"arguments\":{\"city\":\"Ro", "|!weather|")]
    [InlineData("<tool_call>{\"name\":\"wea", "")]
    [InlineData("Hm.\n<tool_call>{\"na", "Hm.")]
    [InlineData("Hm. <tool_call>", "Hm.")]
    [InlineData("<tool_call>{broken} ok", "{broken} ok")]
    [InlineData("<tool_call>{\"name\":\"\\ud800\"}</tool_call>", "{\"name\":\"\\ud800\"}")]
    [InlineData("</tool_call> ok", "ok")]
    public void Push_BrokenCall_IsAnExceptionOrText(string answer, string expected) =>
        AssertRead(expected, "Hermes", answer);

    // As in a thought, where no grammar holds.
    [Theory]
    [InlineData("Kimi K2", "<|tool_call_begin|>functions.weather:0<|tool_call_argument_begin|>[\"Rome\"]<|tool_call_end|>")]
    [InlineData("Kimi K2", "<|tool_call_begin|>functions.weather:0<|tool_call_argument_begin|>[{\"city\":\"Rome\"}]<|tool_call_end|>")]
    [InlineData("Kimi K2", "<|tool_call_begin|>functions.weather:0 \"Rome\"<|tool_call_end|>")]
    [InlineData("Functionary", "<function=weather>\"Rome\"</function>")]
    [InlineData("DeepSeek V3.1", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>weather<｜tool▁sep｜>\"Rome\"<｜tool▁call▁end｜>")]
    [InlineData("DeepSeek R1", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>weather\n```json\n\"Rome\"\n```<｜tool▁call▁end｜>")]
    [InlineData("GLM", "<tool_call>weather\n<arg_key>city</arg_key>\n<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n</tool_call>")]
    public void Push_ArgumentsThatAreNoObject_AreNotRun(string format, string answer) =>
        AssertRead("|!weather|", format, answer);

    [Fact]
    public void Push_LongArgumentsThatAreNoObject_AreNotRunEither()
    {
        string answer = "<|tool_call_begin|>functions.weather:0<|tool_call_argument_begin|>[{\"text\":\"" + new string('x', 2000)
            + "\"}]<|tool_call_end|><|tool_call_begin|>functions.time:1<|tool_call_argument_begin|>{}<|tool_call_end|>";
        AssertRead("|!weather||time{}|", "Kimi K2", answer);
    }

    [Fact]
    public void Push_KeyWithoutAValue_LeavesTheNextCallAlone()
    {
        const string Answer = "<tool_call>weather\n<arg_key>city</arg_key>\n</tool_call>\n<tool_call>time\n</tool_call>";
        AssertRead("|!weather||time{}|", "GLM", Answer);
    }

    [Fact]
    public void Push_ObjectInAFence_IsTheArguments() => Assert.StartsWith(
        "|weather{\"city\":\"Rome\"}|",
        Spoken.Read(
            Spoken.Format("DeepSeek V3.1"),
            null,
            ["<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>weather<｜tool▁sep｜>```json\n{\"city\":\"Rome\"}\n```<｜tool▁call▁end｜>"]),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("Kimi K2", "<|tool_call_begin|>functions.time:0<|tool_call_end|>")]
    [InlineData("Kimi K2", "<|tool_call_begin|>functions.time:0<|tool_call_argument_begin|> <|tool_call_end|>")]
    [InlineData("Functionary", "<function=time></function>")]
    [InlineData("DeepSeek R1", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>time\n```\n{}\n```<｜tool▁call▁end｜>")]
    public void Push_NoArguments_AreNone(string format, string answer) =>
        Assert.Equal("|time{}|", Spoken.Read(Spoken.Format(format), null, [answer]));

    [Theory]
    [InlineData("Llama 3", "{\"name\": \"weather\", \"parameters\": {\"ci", "|!weather|")]
    [InlineData("Llama 3", "{\"name\": \"other\", \"parameters\": {\"ci", "{\"name\": \"other\", \"parameters\": {\"ci")]
    [InlineData("Mistral", "[TOOL_CALLS]weather[ARGS]{\"city", "|!weather|")]
    [InlineData("Mistral", "[TOOL_CALLS]weath", "")]
    [InlineData("Qwen3-Coder", "<tool_call>\n<function=weather>\n<parameter=city>\nRo", "|!weather|")]
    [InlineData("Qwen3-Coder", "<tool_call>\n<func", "")]
    [InlineData("DeepSeek R1", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>time\n```", "|!time|")]
    [InlineData("Hermes", "So: ```json\n{\"name\": \"weather\", \"argu", "So:|!weather|")]
    [InlineData("Hermes", "```json\n{\"name\": \"weather\", \"arguments\": {}}\n`", "|weather{}|")]
    [InlineData("Hermes", "[weather(city='Ro", "|!weather|")]
    [InlineData("Hermes", "[weath", "[weath")]
    [InlineData("Hermes", "{\"a\": {\"name\": \"weather\", \"argu", "{\"a\": {\"name\": \"weather\", \"argu")]
    [InlineData("Gemma 4", "<|tool_call>call:weather{city:<|\"|>Ro", "|!weather|")]
    [InlineData("LFM2", "<|tool_call_start|>[weather(city='Ro", "|!weather|")]
    [InlineData("Qwen3-Coder", "<tool_call>\n<function=weather>\n<parameter=city>\nRo</function>\n</tool_call>", "|!weather|")]
    public void Finish_InsideACall_IsAnExceptionWhenTheToolIsKnown(string format, string answer, string expected) =>
        Assert.Equal(expected, Spoken.Read(Spoken.Format(format), null, [answer], cut: true));

    [Theory]
    [InlineData("Hm.</think>Yes.", true, "(Hm.)Yes.")]
    [InlineData("<think>\nHm.\n</think>\n\nYes.", false, "(Hm.)Yes.")]
    [InlineData("<think>\n\n</think>\n\nYes.", false, "Yes.")]
    [InlineData("\n<think>Hm. Hm.", false, "(Hm. Hm.)")]
    [InlineData("<think>again</think>Yes.", true, "(again)Yes.")]
    [InlineData("Yes.\n</think>\n\nNo.", false, "Yes.\n\nNo.")]
    [InlineData("<think>Hm.</think>The tag </think> ends a thought.", false, "(Hm.)The tagends a thought.")]
    [InlineData("Hm.</think>The tag </think> ends a thought.", true, "(Hm.)The tagends a thought.")]
    [InlineData("</think>\n\nNo.", false, "No.")]
    [InlineData("a <thin line", false, "a <thin line")]
    [InlineData("Hm.</think><tool_call>{\"name\":\"time\"}</tool_call>", true, "(Hm.)|time{}|")]
    [InlineData("Hm. <tool_call>{\"name\":\"time\"}</tool_call>", true, "(Hm.)|time{}|")]
    [InlineData("Hm. <tool_call>{\"name\":\"time\"}</tool_call> and more.</think>Yes.", true, "(Hm.)|time{}|and more.\n\nYes.")]
    [InlineData("<think>Hm. <tool_call>{\"name\":\"time\"}</tool_call> and more.</think>Yes.", false, "(Hm.)|time{}|and more.\n\nYes.")]
    [InlineData("Hm <tool_call> is a mark.</think>Yes.", true, "(Hm  is a mark.)Yes.")]
    public void Push_Thoughts_AreReasoning(string answer, bool open, string expected)
    {
        Assert.Equal(expected, Spoken.Read(Spoken.Format("Hermes"), Think, [answer], open));
        Assert.Equal(expected, Spoken.Read(Spoken.Format("Hermes"), Think, answer.Select(static letter => letter.ToString()), open));
    }

    [Fact]
    public void Push_Channels_AreReasoningCallsAndText()
    {
        ReasoningFormat channels = ReasoningFormat.For("<|channel|>analysis")!;
        const string Answer =
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>I look.<|end|>"
            + "<|start|>assistant<|channel|>commentary to=functions.time <|constrain|>json<|message|>{}<|call|>";
        Assert.Equal("(Hm.)I look.|time{}|", Spoken.Read(Spoken.Format("gpt-oss"), channels, [Answer]));
        Assert.Equal(
            """{"a":1}""",
            Spoken.Read(null, channels, ["""<|channel|>final <|constrain|>json<|message|>{"a":1}"""]));
        Assert.Equal(
            "(Hm.)Yes.",
            Spoken.Read(
                null, channels, ["<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes.<|return|>"]));
    }

    // Its name for a call is plain words: only what control tokens surround is one.
    [Theory]
    [InlineData("I will use to=functions.weather with {\"city\":\"Rome\"}, then go.", "I will use weather with {\"city\":\"Rome\"}, then go.")]
    [InlineData(
        "<|channel|>analysis<|message|>So to=functions.weather {\"city\":\"Rome\"}.<|end|><|start|>assistant<|channel|>final<|message|>Yes.",
        "(So weather {\"city\":\"Rome\"}.)Yes.")]
    public void Push_CallThatIsSpokenOf_IsText(string answer, string expected)
    {
        ReasoningFormat channels = ReasoningFormat.For("<|channel|>analysis")!;
        Assert.Equal(expected, Spoken.Read(Spoken.Format("gpt-oss"), channels, [answer]));
        Assert.Equal(expected, Spoken.Read(Spoken.Format("gpt-oss"), channels, answer.Select(static letter => letter.ToString())));
    }

    // The prompt ends with the mark that begins a call; what the model means to say has a name, too.
    [Theory]
    [InlineData("all\nHello. {x}", "Hello. {x}")]
    [InlineData("weather\n{\"city\": \"Rome\"}", Weather)]
    [InlineData("all\nI look.>>>time\n{}", "I look." + Time)]
    [InlineData("al", "")]
    public void Push_PromptThatBeganACall_IsGoneOnWith(string answer, string expected)
    {
        foreach (int size in (int[])[1, 2, 100])
        {
            AnswerParser parser = new(Spoken.Format("Functionary 3.2"), null, Spoken.Tools, new AnswerBeginning(InCall: true));
            List<AIContent> contents = [.. answer.Chunk(size).SelectMany(piece => parser.Push(new string(piece))), .. parser.Finish()];
            Assert.Equal(expected, Spoken.Line(contents));
        }
    }

    [Fact]
    public void Push_TextThatMayBeACallWithoutMarks_IsHeldBackUntilItIsKnown()
    {
        AnswerParser parser = new(Spoken.Format("Hermes"), null, Spoken.Tools);
        Assert.Equal("a", Spoken.Line(parser.Push("a [ti")));
        Assert.Equal(" [tile],", Spoken.Line(parser.Push("le], `")));
        Assert.Equal(" `x", Spoken.Line(parser.Push("x")));
        Assert.Empty(parser.Push(" {\""));
        Assert.Equal(" {\"x\":", Spoken.Line(parser.Push("x\":")));
    }

    [Fact]
    public void Push_WithoutToolsAndThoughts_HandsTextOnAsItComes()
    {
        AnswerParser parser = new(null, null, []);
        Assert.Equal(" <tool_call>\n", Spoken.Line(parser.Push(" <tool_call>\n")));
        Assert.Empty(parser.Finish());
    }

    [Fact]
    public void Push_TextThatMayBeAMark_IsHeldBackUntilItIsKnown()
    {
        AnswerParser parser = new(Spoken.Format("Hermes"), null, Spoken.Tools);
        Assert.Equal("a", Spoken.Line(parser.Push("a <tool")));
        Assert.Equal(" <tools x", Spoken.Line(parser.Push("s x")));
        Assert.False(parser.InCall);
        Assert.Empty(parser.Push("<tool_call>{"));
        Assert.True(parser.InCall);
    }

    [Fact]
    public void Push_JsonThatCannotBeACall_IsNotHeldBack()
    {
        AnswerParser parser = new(Spoken.Format("Llama 3"), null, Spoken.Tools);
        Assert.Empty(parser.Push("{\"ans"));
        Assert.True(parser.InCall);
        Assert.Equal("{\"answer\":", Spoken.Line(parser.Push("wer\":")));
        Assert.False(parser.InCall);
    }

    [Theory]
    [InlineData("a <tool", false, "a <tool")]
    [InlineData("a <tool", true, "a ")]
    [InlineData("a ", true, "a ")]
    public void Finish_BeginningOfAMark_IsTextUnlessTheAnswerWasCut(string answer, bool cut, string expected) =>
        Assert.Equal(expected, Spoken.Read(Spoken.Format("Hermes"), null, [answer], cut: cut));

    [Fact]
    public void InReasoning_FollowsTheMarks()
    {
        AnswerParser parser = new(null, Think, [], new AnswerBeginning(InReasoning: true));
        Assert.True(parser.InReasoning);
        parser.Push("Hm.</th");
        Assert.True(parser.InReasoning);
        parser.Push("ink>Yes");
        Assert.False(parser.InReasoning);
    }

    [Fact]
    public void Push_CallAboveTheLimit_Throws()
    {
        AnswerParser parser = new(Spoken.Format("Hermes"), null, Spoken.Tools);
        parser.Push("<tool_call>{\"name\":\"time\",\"arguments\":{\"a\":\"");
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(
            () => parser.Push(new string('x', AnswerParser.MostCallCharacters)));
        Assert.Contains("1048576", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Push_Calls_HaveIdsOfTheirOwn()
    {
        string[] ids = [.. Spoken.Contents(
            Spoken.Format("Mistral"),
            null,
            [
                "[TOOL_CALLS]time[ARGS]{}[TOOL_CALLS]time[CALL_ID]abcdefghi[ARGS]{}[TOOL_CALLS]time[CALL_ID]abcdefghi[ARGS]{}"
            ]).Cast<FunctionCallContent>().Select(static call => call.CallId)];
        Assert.Matches("^call_[0-9a-f]{24}$", ids[0]);
        Assert.Equal("abcdefghi", ids[1]);
        Assert.Equal(3, ids.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Push_IdInJson_IsTheCalls()
    {
        AIContent call = Assert.Single(
            Spoken.Contents(Spoken.Format("Mistral list"), null, ["[TOOL_CALLS][{\"name\":\"time\",\"arguments\":{},\"id\":\"x1\"}]"]));
        Assert.Equal("x1", ((FunctionCallContent)call).CallId);
    }

    // As a whole, and letter by letter.
    private static void AssertRead(string expected, string format, string answer)
    {
        Assert.Equal(expected, Spoken.Read(Spoken.Format(format), null, [answer]));
        Assert.Equal(expected, Spoken.Read(Spoken.Format(format), null, answer.Select(static letter => letter.ToString())));
    }
}
