namespace KvNorm.Chat.Dialects;

/// <summary>
/// The table of the formats. A template belongs to the first row that fits it; learned from the templates that come with llama.cpp.
/// </summary>
internal static class ToolCallFormats
{
    private const string ToolCall = "<tool_call>";
    private const string ToolCallEnd = "</tool_call>";
    private const string DeepSeekOpen = "<｜tool▁calls▁begin｜>";
    private const string DeepSeekStart = "<｜tool▁call▁begin｜>";
    private const string DeepSeekEnd = "<｜tool▁call▁end｜>";
    private const string DeepSeekClose = "<｜tool▁calls▁end｜>";
    private const string DeepSeekMiddle = "<｜tool▁sep｜>";
    private const string LiquidStart = "<|tool_call_start|>";
    private const string LiquidEnd = "<|tool_call_end|>";

    /// <summary>Every format that a template can show; the generic one is not among them.</summary>
    public static readonly IReadOnlyList<ToolCallFormat> All =
    [
        new("gpt-oss", CallShape.Named, "<|channel|>commentary to=functions.")
        {
            Signs = ["<|channel|>commentary", "<|call|>"],
            OtherStarts = ["<|channel|>analysis to=functions.", "to=functions."],
            AfterName = " <|constrain|>json<|message|>",
            HeadMark = "<|message|>",
            NameEnds = [" ", "<|"],
            Silent = ["<|call|>"],
            OneCall = true,
        },
        new("Qwen3-Coder", CallShape.Tagged, ToolCall)
        {
            Signs = [ToolCall, "<function=", "<parameter="],
            Counters = ["<seed:tool_call>"],
            OtherStarts = ["<function="],
            AfterStart = "\n<function=",
            AfterName = ">\n",
            NameEnds = [">", "\n"],
            KeyStart = "<parameter=",
            KeyEnd = ">\n",
            ValueEnd = "\n</parameter>\n",
            End = "</function>\n</tool_call>",
            Separator = "\n",
            MarksResults = true,
        },
        new("Seed-OSS", CallShape.Tagged, "<seed:tool_call>")
        {
            Signs = ["<seed:tool_call>", "<function=", "<parameter="],
            OtherStarts = ["<function="],
            AfterStart = "\n<function=",
            AfterName = ">\n",
            NameEnds = [">", "\n"],
            KeyStart = "<parameter=",
            KeyEnd = ">",
            ValueEnd = "</parameter>\n",
            End = "</function>\n</seed:tool_call>",
            Separator = "\n",
        },
        new("DeepSeek V3.2", CallShape.Tagged, "<｜DSML｜invoke name=\"")
        {
            Signs = ["｜DSML｜", "function_calls>"],
            Open = "<｜DSML｜function_calls>\n",
            AfterName = "\">\n",
            NameEnds = ["\"", ">", "\n"],
            KeyStart = "<｜DSML｜parameter name=\"",
            KeyEnd = "\" string=\"true\">",
            JsonKeyEnd = "\" string=\"false\">",
            ValueEnd = "</｜DSML｜parameter>\n",
            End = "</｜DSML｜invoke>",
            Separator = "\n",
            Close = "\n</｜DSML｜function_calls>",
        },
        new("DeepSeek V4", CallShape.Tagged, "<｜DSML｜invoke name=\"")
        {
            Signs = ["｜DSML｜", "tool_calls>"],
            Open = "<｜DSML｜tool_calls>\n",
            AfterName = "\">\n",
            NameEnds = ["\"", ">", "\n"],
            KeyStart = "<｜DSML｜parameter name=\"",
            KeyEnd = "\" string=\"true\">",
            JsonKeyEnd = "\" string=\"false\">",
            ValueEnd = "</｜DSML｜parameter>\n",
            End = "</｜DSML｜invoke>",
            Separator = "\n",
            Close = "\n</｜DSML｜tool_calls>",
        },
        new("MiniMax-M2", CallShape.Tagged, "<invoke name=\"")
        {
            Signs = ["<minimax:tool_call>", "<invoke name="],
            Open = "<minimax:tool_call>\n",
            AfterName = "\">\n",
            NameEnds = ["\"", ">", "\n"],
            KeyStart = "<parameter name=\"",
            KeyEnd = "\">",
            ValueEnd = "</parameter>\n",
            End = "</invoke>",
            Separator = "\n",
            Close = "\n</minimax:tool_call>",
        },
        new("GLM", CallShape.Tagged, ToolCall)
        {
            Signs = [ToolCall, "<arg_key>", "<arg_value>"],
            Counters = ["<tool_calls{}>"],
            AfterName = "\n",
            NameEnds = ["\n", "<"],
            KeyStart = "<arg_key>",
            KeyEnd = "</arg_key>\n<arg_value>",
            ValueEnd = "</arg_value>\n",
            End = ToolCallEnd,
            Separator = "\n",
            MarksResults = true,
        },
        new("Kimi K2", CallShape.Named, "<|tool_call_begin|>")
        {
            Signs = ["<|tool_call_begin|>", "<|tool_call_argument_begin|>"],
            Open = "<|tool_calls_section_begin|>",
            AfterStart = "functions.",
            AfterName = ":0<|tool_call_argument_begin|>",
            NameEnds = [":", "<|tool_call_argument_begin|>"],
            End = "<|tool_call_end|>",
            Close = "<|tool_calls_section_end|>",
            Id = new CallId("0", "[0-9]{1,4}"),
        },
        new("Solar", CallShape.Named, "<|tool_call:begin|>")
        {
            Signs = ["<|tool_call:begin|>", "<|tool_call:name|>", "<|tool_call:args|>"],
            Open = "<|tool_calls|>",
            NameStart = "<|tool_call:name|>",
            AfterName = "<|tool_call:args|>",
            NameEnds = ["<|tool_call:args|>", "\n"],
            End = "<|tool_call:end|>",
            Silent = ["<|calls|>"],
            Id = new CallId("a1b2c3d4e5", "[a-z0-9]{10}"),
            IdLength = 10,
        },
        new("Gemma 4", CallShape.Pairs, "<|tool_call>")
        {
            Signs = ["<|tool_call>call:"],
            AfterStart = "call:",
            Pairs = new PairSyntax("{", ":", ",", "}") { TextQuote = "<|\"|>" },
            NameEnds = ["{"],
            End = "<tool_call|>",
            Silent = ["<|tool_response>", "<tool_response|>"],
        },
        new("LFM2", CallShape.PairsList, LiquidStart)
        {
            Signs = ["List of tools: "],
            NameEnds = ["("],
            Separator = ", ",
            End = LiquidEnd,
        },
        new("Apertus", CallShape.JsonList, "<|tools_prefix|>")
        {
            Signs = ["<|tools_prefix|>", "<|tools_suffix|>"],
            Separator = ", ",
            End = "<|tools_suffix|>",
            NameKey = "",
        },
        new("Command R+", CallShape.JsonList, "Action:\n```json")
        {
            Signs = ["Action:", "directly-answer"],
            AfterStart = "\n",
            Separator = ",\n",
            End = "\n```",
            EndIsText = true,
            NameKey = "tool_name",
            ArgumentsKey = "parameters",
        },
        new("Functionary 3.2", CallShape.Named, ">>>")
        {
            Signs = [">>>${recipient}"],
            TextName = "all",
            AfterName = "\n",
            NameEnds = ["\n"],
        },
        new("GigaChat", CallShape.JsonObject, "<|function_call|>") { Signs = ["<|function_call|>"], OneCall = true },
        new("Functionary", CallShape.Named, "<function=")
        {
            Signs = ["<function=", "</function>"],
            Counters = ["<parameter=", ToolCall],
            AfterName = ">",
            NameEnds = [">"],
            End = "</function>",
        },
        new("Hermes", CallShape.JsonObject, ToolCall)
        {
            Signs = [ToolCall, "arguments"],
            Counters = ["<|tool_call|>", "<minimax:tool_call>", "<invoke name=", "<tool_calls>"],
            AfterStart = "\n",
            End = "\n</tool_call>",
            Separator = "\n",
            MarksResults = true,
        },
        new("Mistral", CallShape.Named, "[TOOL_CALLS]")
        {
            Signs = ["[TOOL_CALLS]", "[ARGS]"],
            AfterName = "[ARGS]",
            NameEnds = ["[ARGS]", "[CALL_ID]"],
            IdKey = "id",
            IdStart = "[CALL_ID]",
            IdLength = 9,
        },
        new("Mistral list", CallShape.JsonList, "[TOOL_CALLS]")
        {
            Signs = ["[TOOL_CALLS]"],
            NameEnds = ["[ARGS]", "[CALL_ID]"],
            Separator = ", ",
            IdKey = "id",
            IdStart = "[CALL_ID]",
            IdLength = 9,
        },
        new("Command R7B", CallShape.JsonList, "<|START_ACTION|>")
        {
            Signs = ["<|START_ACTION|>", "tool_name"],
            Separator = ",\n",
            End = "<|END_ACTION|>",
            NameKey = "tool_name",
            ArgumentsKey = "parameters",
        },
        new("Granite 3", CallShape.JsonList, "<|tool_call|>")
        {
            Signs = ["<|tool_call|>"],
            Counters = ["<|tool_call|>call:"],
            OtherStarts = [ToolCall],
            Separator = ", ",
            Silent = [ToolCallEnd],
        },
        new("Phi-4-mini", CallShape.JsonList, "<|tool_call|>")
        {
            Signs = ["<|tool|>", "<|/tool|>"],
            Separator = ", ",
            End = "<|/tool_call|>",
            ToolsInSystem = true,
        },
        new("DeepSeek R1", CallShape.Named, DeepSeekStart)
        {
            Signs = [DeepSeekStart, DeepSeekMiddle, "```json"],
            Open = DeepSeekOpen,
            AfterStart = "function<｜tool▁sep｜>",
            AfterName = "\n```json\n",
            NameEnds = ["\n", "```"],
            End = "\n```<｜tool▁call▁end｜>",
            Separator = "\n",
            Close = DeepSeekClose,
            Silent = [DeepSeekEnd, "```\n<｜tool▁call▁end｜>"],
        },
        new("DeepSeek V3.1", CallShape.Named, DeepSeekStart)
        {
            Signs = [DeepSeekStart, DeepSeekMiddle],
            Open = DeepSeekOpen,
            AfterName = DeepSeekMiddle,
            NameEnds = [DeepSeekMiddle],
            End = DeepSeekEnd,
            Close = DeepSeekClose,
        },
        new("Nemotron", CallShape.JsonList, "<TOOLCALL>") { Signs = ["<TOOLCALL>"], Separator = ", ", End = "</TOOLCALL>" },
        new("Apriel", CallShape.JsonList, "<tool_calls>") { Signs = ["<tool_calls>["], Separator = ", ", End = "</tool_calls>" },
        new("Llama 3", CallShape.JsonObject, "")
        {
            Signs = ["dictionary of argument name and its value"],
            OtherStarts = ["<|python_tag|>"],
            ArgumentsKey = "parameters",
            OneCall = true,
        },
    ];
}
