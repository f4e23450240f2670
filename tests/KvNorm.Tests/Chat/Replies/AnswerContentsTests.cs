using KvNorm.Chat.Replies;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Replies;

public sealed class AnswerContentsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Finish_Text_IsAllOfItHoweverItCame(bool marks)
    {
        AnswerContents contents = new(marks);
        string text = "";
        foreach (string piece in (string[])[" a", " ", "\n", "b ", " c", " \n "])
        {
            contents.Say(piece, isThought: false);
            text += Spoken.Line(contents.Take());
        }

        contents.Finish();
        Assert.Equal(" a \nb  c \n ", text + Spoken.Line(contents.Take()));
    }

    [Fact]
    public void Take_SpaceAtTheEnd_IsHeldBackOnlyWhereMarksAre()
    {
        AnswerContents marked = new(marks: true), plain = new(marks: false);
        marked.Say("a \n", isThought: false);
        plain.Say("a \n", isThought: false);
        Assert.Equal("a", Spoken.Line(marked.Take()));
        Assert.Equal("a \n", Spoken.Line(plain.Take()));
        Assert.Empty(marked.Take());
        marked.Say("b", isThought: false);
        Assert.Equal(" \nb", Spoken.Line(marked.Take()));
    }

    [Fact]
    public void Mark_SpaceBesideIt_BelongsToIt()
    {
        AnswerContents contents = new(marks: true);
        contents.Say("a \n", isThought: false);
        contents.Mark();
        contents.Say(" \n", isThought: false);
        contents.Say("\tb", isThought: false);
        contents.Mark();
        contents.Say("  ", isThought: false);
        contents.Finish();
        Assert.Equal("ab", Spoken.Line(contents.Take()));
    }

    [Fact]
    public void Unmark_SpaceBeforeIt_ComesBack()
    {
        AnswerContents contents = new(marks: true);
        contents.Say("a \n", isThought: false);
        contents.Mark();
        contents.Unmark();
        contents.Say(" b", isThought: false);
        Assert.Equal("a \n b", Spoken.Line(contents.Take()));
    }

    [Fact]
    public void Say_ThoughtsAndText_AreContentsOfTheirOwn()
    {
        AnswerContents contents = new(marks: true);
        contents.Say("I ", isThought: true);
        contents.Say("think.", isThought: true);
        contents.Mark();
        contents.Say("Yes.", isThought: false);
        IReadOnlyList<AIContent> taken = contents.Take();
        Assert.Equal("I think.", Assert.IsType<TextReasoningContent>(taken[0]).Text);
        Assert.Equal("Yes.", Assert.IsType<TextContent>(taken[1]).Text);
        Assert.Equal(2, taken.Count);
    }

    [Fact]
    public void Call_BetweenTexts_StandsInItsPlace()
    {
        AnswerContents contents = new(marks: true);
        contents.Say("Look: ", isThought: false);
        contents.Call(new FunctionCallContent("1", "time", new Dictionary<string, object?>(StringComparer.Ordinal)));
        contents.Say("\nDone.", isThought: false);
        Assert.Equal("Look:|time{}|Done.", Spoken.Line(contents.Take()));
    }

    [Fact]
    public void HasText_OnlyTextOfTheAnswer_Counts()
    {
        AnswerContents contents = new(marks: true);
        contents.Say("Hm.", isThought: true);
        contents.Say(" \n", isThought: false);
        contents.Call(new FunctionCallContent("1", "time"));
        contents.Take();
        Assert.False(contents.HasText);
        contents.Say("x", isThought: false);
        Assert.True(contents.HasText);
        contents.Take();
        Assert.True(contents.HasText);
    }
}
