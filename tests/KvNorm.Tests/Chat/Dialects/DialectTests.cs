using KvNorm.Chat.Dialects;

namespace KvNorm.Tests.Chat.Dialects;

/// <summary>What is recognised by a template.</summary>
public sealed class DialectTests
{
    private const string Hermes = "{{ tools }} <tool_call> arguments {{ m.tool_calls }}";
    private const string Phi = "{{ '<|tool|>' + message['tools'] + '<|/tool|>' }}";
    private const string Thinking = "{{ '</think>' }}";

    public static TheoryData<string?, string, bool, bool, bool> Templates => new()
    {
        { null, "generic", false, false, false },
        { "{{ messages }}", "generic", false, false, false },
        { "<tool_call> arguments", "generic", false, false, false }, // takes no tools
        { Hermes, "Hermes", true, true, true },
        { "{{ tools }} <tool_call> arguments", "Hermes", true, true, false },
        { Phi, "Phi-4-mini", true, false, false }, // the system message takes them
    };

    [Theory]
    [MemberData(nameof(Templates))]
    public void Create_Template_SaysWhatItWrites(string? template, string tools, bool rendersTools, bool takesTools, bool rendersCalls)
    {
        Dialect dialect = new(template, []);
        Assert.Equal(
            (tools, rendersTools, takesTools, rendersCalls),
            (dialect.ToolCalls.Name, dialect.RendersTools, dialect.TakesTools, dialect.RendersCalls));
    }

    [Theory]
    [InlineData(null, null, "reasoning_content")]
    [InlineData(Hermes, null, "reasoning_content")]
    [InlineData(Thinking, "<think>", "reasoning_content")]
    [InlineData("[THINK]", "[THINK]", "reasoning_content")]
    [InlineData("<|channel|>analysis", "<|channel|>analysis<|message|>", "thinking")]
    public void Create_Template_SaysHowItReasons(string? template, string? start, string key)
    {
        Dialect dialect = new(template, []);
        Assert.Equal((start, key), (dialect.Reasoning?.Start, dialect.ReasoningKey));
    }

    [Fact]
    public void IsMark_ControlTokens_AreThoseOfTheFormat()
    {
        (string, int)[] specials = [("<tool_call>", 1), ("</think>", 2), ("<|im_end|>", 3), ("[TOOL_CALLS]", 4)];
        Dialect dialect = new(Hermes + Thinking, specials);
        Assert.Equal([true, true, false, false], specials.Select(special => dialect.IsMark(special.Item2)));
        // no reasoning
        Assert.Equal([true, false, false, false], specials.Select(special => new Dialect(Hermes, specials).IsMark(special.Item2)));
    }

    [Fact]
    public void IsMark_TokenThatIsAPartOfAMark_IsOne()
    {
        Dialect dialect = new("<|channel|>analysis", [("<|channel|>", 1), ("<|message|>", 2), ("<|im_start|>", 3)]);
        Assert.Equal((true, true, false), (dialect.IsMark(1), dialect.IsMark(2), dialect.IsMark(3)));
    }

    [Fact]
    public void Marks_HoldWhatMayBeAControlToken()
    {
        Dialect dialect = new("{{ tools }} <｜tool▁call▁begin｜> <｜tool▁sep｜> ```json </think>", []);
        Assert.Equal("DeepSeek R1", dialect.ToolCalls.Name);
        Assert.Contains("<｜tool▁calls▁begin｜>", dialect.Marks, StringComparer.Ordinal);
        Assert.Contains("<｜tool▁call▁end｜>", dialect.Marks, StringComparer.Ordinal);
        Assert.Contains("</think>", dialect.Marks, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(Hermes + Thinking, "assistant\n", false, true, false)]
    [InlineData(Hermes + Thinking, "assistant\n<think>\n", true, false, false)]
    [InlineData(Hermes + Thinking, "assistant\n<think>\n\n</think>\n\n", false, false, false)]
    [InlineData(Hermes, "assistant\n", false, false, false)]
    [InlineData("{{ tools }} >>>${recipient}", "assistant\n\n>>>", false, false, true)]
    [InlineData("{{ tools }} dictionary of argument name and its value", "assistant\n\n", false, false, false)]
    public void Beginning_EndOfThePrompt_SaysWhereTheAnswerBegins(string template, string tail, bool thinks, bool mayThink, bool calls) =>
        Assert.Equal(new AnswerBeginning(thinks, mayThink, calls), new Dialect(template, []).Beginning(tail));
}
