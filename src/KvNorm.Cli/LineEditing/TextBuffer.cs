using System.Globalization;

namespace KvNorm.Cli.LineEditing;

/// <summary>
/// A text that is being written and a cursor in it. The cursor moves over what a reader sees as one character, however many code points
/// that is.
/// </summary>
internal sealed class TextBuffer
{
    public string Text { get; private set; } = "";

    /// <summary>Gets the index of the character (UTF-16) before which the cursor stands.</summary>
    public int Cursor { get; private set; }

    private int LineStart => Text.LastIndexOf('\n', Math.Max(0, Cursor - 1), Cursor) + 1;

    private int LineEnd => Text.IndexOf('\n', Cursor) is >= 0 and var at ? at : Text.Length;

    /// <summary>Replaces the text; the cursor goes to its end.</summary>
    public void Set(string text) => (Text, Cursor) = (text, text.Length);

    public void Insert(string text)
    {
        Text = Text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    public void Left() => Cursor = Before(Cursor);

    public void Right() => Cursor = After(Cursor);

    public void WordLeft() => Cursor = WordBefore();

    public void WordRight() => Cursor = WordAfter();

    public void Home() => Cursor = LineStart;

    public void End() => Cursor = LineEnd;

    public void TextStart() => Cursor = 0;

    public void TextEnd() => Cursor = Text.Length;

    /// <summary>Moves to the line above, as far from its start where that is possible.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Up()
    {
        int start = LineStart;
        if (start == 0)
            return false;
        int column = Column(start);
        Cursor = start - 1;
        return GoTo(column);
    }

    /// <summary>Moves to the line below, as far from its start where that is possible.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Down()
    {
        int end = LineEnd;
        if (end == Text.Length)
            return false;
        int column = Column(LineStart);
        Cursor = end + 1;
        return GoTo(column);
    }

    public void DeleteBefore() => Remove(Before(Cursor), Cursor);

    public void DeleteAfter() => Remove(Cursor, After(Cursor));

    public void DeleteWordBefore() => Remove(WordBefore(), Cursor);

    public void DeleteWordAfter() => Remove(Cursor, WordAfter());

    /// <summary>Deletes from the start of the line to the cursor; at the start the line break before it.</summary>
    public void DeleteToLineStart() => Remove(LineStart < Cursor ? LineStart : Before(Cursor), Cursor);

    /// <summary>Deletes from the cursor to the end of the line; at the end the line break after it.</summary>
    public void DeleteToLineEnd() => Remove(Cursor, LineEnd > Cursor ? LineEnd : After(Cursor));

    private void Remove(int from, int to)
    {
        Text = Text.Remove(from, to - from);
        Cursor = from;
    }

    private int Column(int lineStart) => new StringInfo(Text[lineStart..Cursor]).LengthInTextElements;

    private bool GoTo(int column)
    {
        int end = LineEnd;
        Cursor = LineStart;
        for (int i = 0; i < column && Cursor < end; i++)
            Cursor = After(Cursor);
        return true;
    }

    private int After(int index) =>
        index == Text.Length ? index : index + StringInfo.GetNextTextElementLength(Text.AsSpan(index));

    // Where a character begins depends on what stands before it, as far back as the line's start.
    private int Before(int index)
    {
        if (index == 0)
            return 0;
        int at = Text.LastIndexOf('\n', index - 1) is var line && line == index - 1 ? line : line + 1;
        while (After(at) < index)
            at = After(at);
        return at;
    }

    private int WordBefore()
    {
        int at = Cursor;
        while (at > 0 && !IsWord(Before(at)))
            at = Before(at);
        while (at > 0 && IsWord(Before(at)))
            at = Before(at);
        return at;
    }

    private int WordAfter()
    {
        int at = Cursor;
        while (at < Text.Length && !IsWord(at))
            at = After(at);
        while (at < Text.Length && IsWord(at))
            at = After(at);
        return at;
    }

    private bool IsWord(int index) => char.IsLetterOrDigit(Text, index) || Text[index] == '_';
}
