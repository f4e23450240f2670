using KvNorm.Chat.Dialects;
using KvNorm.Tests.Chat.Replies;

namespace KvNorm.Tests.Chat.Dialects;

public sealed class ToolCallFormatTests
{
    private const string Loop = "{% for tool in tools %}{{ tool | tojson }}{% endfor %}";

    [Theory]
    [InlineData("Hermes", "<tool_call>\\n{\\\"name\\\": <function-name>, \\\"arguments\\\": <args-json-object>}\\n</tool_call>")]
    [InlineData("Qwen3-Coder", "<tool_call>\\n<function=x>\\n<parameter=y>")]
    [InlineData("Seed-OSS", "<seed:tool_call>\\n<function=x>\\n<parameter=y>")]
    [InlineData("MiniMax-M2", "<minimax:tool_call>\\n<invoke name=\\\"x\\\">")]
    [InlineData("GLM", "<tool_call>{name}\\n<arg_key>{k}</arg_key>\\n<arg_value>{v}</arg_value>\\n</tool_call> arguments")]
    [InlineData("Functionary", "<function=x>{}</function>")]
    [InlineData("Mistral", "[TOOL_CALLS]x[ARGS]")]
    [InlineData("Mistral list", "[TOOL_CALLS][")]
    [InlineData("Command R7B", "<|START_ACTION|>[{\\\"tool_name\\\"")]
    [InlineData("Granite 3", "respond only with <|tool_call|> followed by")]
    [InlineData("DeepSeek R1", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>x\\n```json")]
    [InlineData("DeepSeek V3.1", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>x<｜tool▁sep｜>")]
    [InlineData("gpt-oss", "<|channel|>commentary <|call|>")]
    [InlineData("Nemotron", "<TOOLCALL>[")]
    [InlineData("Apriel", "<tool_calls>[")]
    [InlineData("Apriel", "<tool_call></tool_call> arguments <tool_calls>[")]
    [InlineData("Llama 3", "{\\\"name\\\": function name, \\\"parameters\\\": dictionary of argument name and its value}")]
    [InlineData("Kimi K2", "<|tool_call_begin|>functions.x:0<|tool_call_argument_begin|>{}")]
    [InlineData("Solar", "<|tool_call:begin|>id<|tool_call:name|>x<|tool_call:args|>{}<|tool_call:end|>")]
    [InlineData("Gemma 4", "<|tool_call>call:x{text:<|\\\"|>a<|\\\"|>}<tool_call|>")]
    [InlineData("LFM2", "List of tools: [")]
    [InlineData("Apertus", "<|tools_prefix|>[{}]<|tools_suffix|>")]
    [InlineData("Command R+", "Write 'Action:' followed by a list, or directly-answer")]
    [InlineData("Functionary 3.2", ">>>${recipient}\\n${content}")]
    [InlineData("DeepSeek V3.2", "<｜DSML｜function_calls>")]
    [InlineData("DeepSeek V4", "<｜DSML｜tool_calls>")]
    [InlineData("GigaChat", "<|function_call|>{}")]
    [InlineData("generic", "no marks")]
    public void For_Template_IsRecognisedByItsMarks(string name, string marks)
    {
        Assert.Equal(name, ToolCallFormat.For(Loop + "{{ \"" + marks + "\" }}").Name);
        Assert.Equal("generic", ToolCallFormat.For("{{ messages }}" + marks).Name);
    }

    [Fact]
    public void For_Phi_TakesToolsInTheSystemMessage()
    {
        const string Template = "{% if 'tools' in message %}{{ '<|tool|>' + message['tools'] + '<|/tool|>' }}{% endif %}";
        Assert.Equal("Phi-4-mini", ToolCallFormat.For(Template).Name);
        Assert.True(ToolCallFormat.RendersTools(Template));
        Assert.False(ToolCallFormat.RendersCalls(Template));
    }

    [Fact]
    public void For_NoTemplate_IsGeneric()
    {
        Assert.Same(ToolCallFormat.Generic, ToolCallFormat.For(null));
        Assert.False(ToolCallFormat.RendersTools(null));
    }

    [Theory]
    [InlineData("{% if tools %}x{% endif %}", true)]
    [InlineData("{{ tools }}", true)]
    [InlineData("{%- if not tools is defined -%}", true)]
    [InlineData("tools", false)]
    [InlineData("{# tools #}", false)]
    [InlineData("{# {{ tools }} #}", false)]
    [InlineData("{{ 'tools' }}", false)]
    [InlineData("{{ \"a \\\" tools\" }}", false)]
    [InlineData("{{ message.tools }}", false)]
    [InlineData("{{ xml_tools }}", false)]
    [InlineData("{{ messages }} tools {{ 'x' }}", false)]
    public void Uses_Tools_InTheCodeOnly(string template, bool expected) =>
        Assert.Equal(expected, TemplateVariables.Uses(template, "tools"));

    [Fact]
    public void All_Rows_HaveNamesAndMarksOfTheirOwn()
    {
        Assert.Equal(Spoken.Formats.Count, Spoken.Formats.Select(static row => row.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(ToolCallFormats.All, static row => Assert.NotEmpty(row.Signs));
        Assert.All(Spoken.Formats, static row => Assert.NotEmpty(row.Starts));
        Assert.All(Spoken.Formats.Where(static row => row.Shape == CallShape.Tagged), static row => Assert.NotNull(row.EndMark));
        Assert.All(
            Spoken.Formats.Where(static row => row.Shape is CallShape.Named or CallShape.Tagged),
            static row => Assert.NotEmpty(row.NameEnds));
    }

    [Theory]
    [InlineData("{{ '<think>' }}{{ '</think>' }}", "<think>")]
    [InlineData("[THINK]x[/THINK]", "[THINK]")]
    [InlineData("<|channel|>analysis<|message|>", "<|channel|>analysis<|message|>")]
    [InlineData("<seed:think></seed:think>", "<seed:think>")]
    [InlineData("<|START_THINKING|>", "<|START_THINKING|>")]
    [InlineData("<|channel>thought", "<|channel>thought")]
    [InlineData("plain", null)]
    public void For_Template_KnowsTheMarksOfThought(string template, string? start) =>
        Assert.Equal(start, ReasoningFormat.For(template)?.Start);

    [Theory]
    [InlineData("<|im_start|>assistant\n<think>\n", true)]
    [InlineData("<|im_start|>assistant\n", false)]
    [InlineData("assistant\n<think>\n\n</think>\n\n", false)]
    [InlineData("I said <think> once.\nassistant\n", false)]
    public void IsOpen_PromptThatEndsInAMark_IsOpen(string tail, bool expected) =>
        Assert.Equal(expected, ReasoningFormat.For("</think>")!.IsOpen(tail));
}
