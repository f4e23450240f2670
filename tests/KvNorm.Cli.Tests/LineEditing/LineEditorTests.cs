using KvNorm.Cli.LineEditing;

namespace KvNorm.Cli.Tests.LineEditing;

public sealed class LineEditorTests
{
    private static readonly string[] Commands = ["/memory", "/reset", "/retry"];

    [Fact]
    public void Apply_SeveralLinesPasted_AreOneMessage()
    {
        LineEditor editor = Editor();
        Assert.Equal(EditOutcome.Going, editor.Apply(new KeyStroke(EditorKey.Paste, "one\ntwo\n")));
        Assert.Equal(EditOutcome.Going, editor.Apply(new KeyStroke(EditorKey.Insert, "x")));
        Assert.Equal(EditOutcome.Entered, editor.Apply(new KeyStroke(EditorKey.Submit)));
        Assert.Equal("one\ntwo\nx", editor.Text);
    }

    [Fact]
    public void Apply_EnterWithinTripleQuotes_BeginsALine()
    {
        LineEditor editor = Editor();
        editor.Apply(new KeyStroke(EditorKey.Paste, "\"\"\"one"));
        Assert.Equal(EditOutcome.Going, editor.Apply(new KeyStroke(EditorKey.Submit)));
        editor.Apply(new KeyStroke(EditorKey.Paste, "two\"\"\""));
        Assert.Equal(EditOutcome.Entered, editor.Apply(new KeyStroke(EditorKey.Submit)));
        Assert.Equal("one\ntwo", TripleQuotes.Strip(editor.Text));
    }

    [Fact]
    public void Apply_EndOfInput_LeavesAnEmptyMessageOnly()
    {
        LineEditor editor = Editor();
        Assert.Equal(EditOutcome.EndOfInput, editor.Apply(new KeyStroke(EditorKey.EndOfInput)));
        editor.Apply(new KeyStroke(EditorKey.Paste, "ab"));
        editor.Apply(new KeyStroke(EditorKey.Home));
        Assert.Equal(EditOutcome.Going, editor.Apply(new KeyStroke(EditorKey.EndOfInput)));
        Assert.Equal("b", editor.Text);
    }

    [Fact]
    public void Apply_UpInTheFirstLine_FetchesTheEntryBefore()
    {
        LineEditor editor = Editor("earlier");
        editor.Apply(new KeyStroke(EditorKey.Paste, "one\ntwo"));
        editor.Apply(new KeyStroke(EditorKey.Up));
        Assert.Equal(("one\ntwo", 3), (editor.Text, editor.Cursor));
        editor.Apply(new KeyStroke(EditorKey.Up));
        Assert.Equal("earlier", editor.Text);
        editor.Apply(new KeyStroke(EditorKey.Down));
        Assert.Equal("one\ntwo", editor.Text);
    }

    [Fact]
    public void Begin_EarlierMessageFetchedAndGivenUp_FetchesTheLatestFirst()
    {
        LineEditor editor = Editor("one", "two");
        editor.Apply(new KeyStroke(EditorKey.Previous));
        editor.Apply(new KeyStroke(EditorKey.Previous));
        Assert.Equal(EditOutcome.Interrupted, editor.Apply(new KeyStroke(EditorKey.Interrupt)));
        editor.Begin();
        editor.Apply(new KeyStroke(EditorKey.Previous));
        Assert.Equal("two", editor.Text);
    }

    [Theory]
    [InlineData("/m", "/memory ")]
    [InlineData("/r", "/re")]
    [InlineData("/re", "/re")]
    [InlineData("/x", "/x")]
    [InlineData("/memory", "/memory")]
    public void Apply_Complete_GoesAsFarAsAllAgree(string typed, string expected)
    {
        LineEditor editor = Editor();
        editor.Apply(new KeyStroke(EditorKey.Paste, typed));
        editor.Apply(new KeyStroke(EditorKey.Complete));
        Assert.Equal(expected, editor.Text);
    }

    [Theory]
    [InlineData("plain", "plain", false)]
    [InlineData("\"\"\"", "\"\"\"", true)]
    [InlineData("\"\"\"\"\"", "\"\"\"\"\"", true)]
    [InlineData("\"\"\"one\"\"\"", "one", false)]
    [InlineData("\"\"\"\none\ntwo\n\"\"\"", "one\ntwo", false)]
    [InlineData("a \"\"\" b", "a \"\"\" b", false)]
    public void TripleQuotes_AnyText_AreStrippedWhereTheyAreClosed(string text, string stripped, bool isOpen)
    {
        Assert.Equal(stripped, TripleQuotes.Strip(text));
        Assert.Equal(isOpen, TripleQuotes.IsOpen(text));
    }

    private static LineEditor Editor(params string[] entries)
    {
        History history = new(10);
        foreach (string entry in entries)
            history.Add(entry);
        return new LineEditor(history, text => [.. Commands.Where(command => command.StartsWith(text, StringComparison.Ordinal))]);
    }
}
