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
        Assert.Equal(["<response>", "</response>"], format.Silent, StringComparer.Ordinal);
        Assert.Empty(ReasoningFormat.For("<think></think><response>")!.Silent);
    }

    [Fact]
    public void All_Rows_HaveMarksThatCannotBeMistaken()
    {
        foreach (ReasoningFormat row in ReasoningFormat.All)
        {
            Assert.NotEmpty(row.Signs);
            Assert.Equal([row.Start, row.End, .. row.Silent], row.Marks, StringComparer.Ordinal);
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
}
