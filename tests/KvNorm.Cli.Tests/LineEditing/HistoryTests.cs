using KvNorm.Cli.LineEditing;

namespace KvNorm.Cli.Tests.LineEditing;

public sealed class HistoryTests
{
    [Fact]
    public void PreviousAndNext_DraftThere_GoThroughTheEntriesAndBackToIt()
    {
        History history = Of("one", "two");
        Assert.Equal("two", history.Previous("draft"));
        Assert.Equal("one", history.Previous("two"));
        Assert.Null(history.Previous("one"));
        Assert.Equal("two", history.Next());
        Assert.Equal("draft", history.Next());
        Assert.Null(history.Next());
    }

    [Fact]
    public void PreviousAndNext_NoEntries_AreNothing()
    {
        History history = new(3);
        Assert.Null(history.Previous("draft"));
        Assert.Null(history.Next());
    }

    [Fact]
    public void Add_AfterMoving_BeginsAtTheEndAgain()
    {
        History history = Of("one", "two");
        history.Previous("");
        history.Previous("");
        history.Add("three");
        Assert.Equal("three", history.Previous(""));
    }

    [Fact]
    public void Leave_AfterMoving_BeginsAtTheEndAgain()
    {
        History history = Of("one", "two");
        history.Previous("draft");
        history.Previous("two");
        history.Leave();
        Assert.Null(history.Next());
        Assert.Equal("two", history.Previous(""));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("two", false)]
    [InlineData(" private", false)]
    [InlineData("one", true)]
    public void Add_RepeatedEmptyOrPrivate_IsNoEntry(string text, bool isNew)
    {
        History history = Of("one", "two");
        Assert.Equal(isNew, history.Add(text));
        Assert.Equal(isNew ? 3 : 2, history.Entries.Count);
    }

    [Fact]
    public void Add_TooMany_LosesTheOldest() => Assert.Equal(["2", "3", "4"], Of("1", "2", "3", "4").Entries);

    private static History Of(params string[] entries)
    {
        History history = new(3);
        foreach (string entry in entries)
            history.Add(entry);
        return history;
    }
}
