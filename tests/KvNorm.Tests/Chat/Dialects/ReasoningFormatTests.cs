using KvNorm.Chat.Dialects;

namespace KvNorm.Tests.Chat.Dialects;

public sealed class ReasoningFormatTests
{
    [Theory]
    [InlineData("{{ '<think>' + m.reasoning_content + '</think>' }}", "<think>", "</think>")]
    [InlineData("{{ m.content.split('</think>')[-1] }}", "<think>", "</think>")]
    [InlineData("[THINK]{{ x }}[/THINK]", "[THINK]", "[/THINK]")]
    [InlineData("<seed:think>{{ x }}</seed:think>", "<seed:think>", "</seed:think>")]
    [InlineData("<|START_THINKING|>{{ x }}<|END_THINKING|>", "<|START_THINKING|>", "<|END_THINKING|>")]
    [InlineData("<|channel>thought\n{{ x }}<channel|>", "<|channel>thought", "<channel|>")]
    [InlineData("<|think|>{{ x }}<|end|><|content|><|tool_calls|>", "<|think|>", "<|end|>")]
    [InlineData("'<mm:think>' '</mm:think>'", "<mm:think>", "</mm:think>")]
    [InlineData("<|inner_prefix|>", "<|inner_prefix|>", "<|inner_suffix|>")]
    [InlineData("<thinking>x</thinking> [BEGIN FINAL RESPONSE]", "Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]")]
    [InlineData("<|channel|>analysis<|message|>{{ x }}<|end|></think>", "<|channel|>analysis<|message|>", "<|end|>")]
    public void For_Template_IsTheFirstRowThatFits(string template, string start, string end)
    {
        ReasoningFormat format = ReasoningFormat.For(template)!;
        Assert.Equal((start, end), (format.Start, format.End));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{{ messages }}")]
    [InlineData("think, <think>")] // what only opens is no format
    [InlineData("<|channel|>final")]
    public void For_TemplateWithoutThoughts_IsNothing(string? template) => Assert.Null(ReasoningFormat.For(template));

    [Fact]
    public void For_ResponseMarks_AreSilent()
    {
        ReasoningFormat format = ReasoningFormat.For("<think></think><response></response>")!;
        Assert.Equal(["<response>", "</response>"], format.Others, StringComparer.Ordinal);
        Assert.Empty(ReasoningFormat.For("<think></think><response>")!.Others);
    }

    [Fact]
    public void All_Rows_HaveMarksThatCannotBeMistaken()
    {
        foreach (ReasoningFormat row in ReasoningFormat.All)
        {
            Assert.NotEmpty(row.Signs);
            Assert.Equal([row.Start, row.End, .. row.Others], row.Marks, StringComparer.Ordinal);
            Assert.All(row.Marks, static mark => Assert.True(mark.Length > 1 && mark.Trim() == mark, mark));
            Assert.Equal(row.Marks.Count(), row.Marks.Distinct(StringComparer.Ordinal).Count());
            foreach (string mark in row.Marks)
                Assert.DoesNotContain(row.Marks, other => other != mark && mark.Contains(other, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void All_EveryRow_IsReached()
    {
        foreach (ReasoningFormat row in ReasoningFormat.All)
            Assert.Same(row, ReasoningFormat.For(string.Concat(row.Signs)));
    }

    [Theory]
    [InlineData("assistant\n<think>", true)]
    [InlineData("assistant\n<think>\n\n", true)]
    [InlineData("<think>", true)]
    [InlineData("", false)]
    [InlineData("assistant\n", false)]
    [InlineData("<think>\nHm.", false)]
    [InlineData("<think></think>", false)]
    [InlineData("<Think>", false)]
    public void IsOpen_EndOfAPrompt_IsOpenBehindTheMark(string tail, bool expected) =>
        Assert.Equal(expected, ReasoningFormat.All[^1].IsOpen(tail));

    [Theory]
    [InlineData("</think>", "assistant\n<think>\n\n</think>\n\n", true)]
    [InlineData("</think>", "assistant\n</think>", true)]
    [InlineData("</think>", "assistant\n<think>\n", false)]
    [InlineData("</think>", "assistant\n", false)]
    [InlineData("<|channel|>analysis", "<|end|><|start|>assistant", false)] // the end of another message
    [InlineData("<|think|><|content|><|tool_calls|>", "<|begin|>assistant<|think|><|end|><|begin|>assistant", true)]
    public void IsClosed_EndOfAPrompt_IsClosedWhereNoThoughtCanFollow(string template, string tail, bool expected) =>
        Assert.Equal(expected, ReasoningFormat.For(template)!.IsClosed(tail));
}
