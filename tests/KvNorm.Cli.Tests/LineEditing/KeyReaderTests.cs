using KvNorm.Cli.LineEditing;

namespace KvNorm.Cli.Tests.LineEditing;

public sealed class KeyReaderTests
{
    public static TheoryData<ConsoleKey, ConsoleModifiers, char, string> Keys => new()
    {
        { ConsoleKey.Enter, ConsoleModifiers.None, '\r', "Submit" },
        { ConsoleKey.Enter, ConsoleModifiers.Alt, '\r', "NewLine" },
        { ConsoleKey.Enter, ConsoleModifiers.Shift, '\r', "NewLine" },
        { ConsoleKey.Backspace, ConsoleModifiers.None, '\b', "DeleteBefore" },
        { ConsoleKey.Backspace, ConsoleModifiers.Alt, '\b', "DeleteWordBefore" },
        { ConsoleKey.Delete, ConsoleModifiers.None, '\0', "DeleteAfter" },
        { ConsoleKey.LeftArrow, ConsoleModifiers.None, '\0', "Left" },
        { ConsoleKey.RightArrow, ConsoleModifiers.Control, '\0', "WordRight" },
        { ConsoleKey.UpArrow, ConsoleModifiers.None, '\0', "Up" },
        { ConsoleKey.Home, ConsoleModifiers.None, '\0', "Home" },
        { ConsoleKey.End, ConsoleModifiers.Control, '\0', "TextEnd" },
        { ConsoleKey.Tab, ConsoleModifiers.None, '\t', "Complete" },
        { ConsoleKey.A, ConsoleModifiers.Control, '\u0001', "Home" },
        { ConsoleKey.C, ConsoleModifiers.Control, '\u0003', "Interrupt" },
        { ConsoleKey.D, ConsoleModifiers.Control, '\u0004', "EndOfInput" },
        { ConsoleKey.W, ConsoleModifiers.Control, '\u0017', "DeleteWordBefore" },
        { ConsoleKey.Z, ConsoleModifiers.Control, '\u001A', "None" },
        { ConsoleKey.F, ConsoleModifiers.Alt, 'f', "WordRight" },
        { ConsoleKey.Q, ConsoleModifiers.Alt, 'q', "None" },
        { ConsoleKey.Q, ConsoleModifiers.Control | ConsoleModifiers.Alt, '@', "Insert" }, // AltGr
        { ConsoleKey.F5, ConsoleModifiers.None, '\0', "None" },
        { ConsoleKey.None, ConsoleModifiers.None, 'é', "Insert" },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public void Read_Key_IsWhatItAsksFor(ConsoleKey key, ConsoleModifiers modifiers, char character, string expected)
    {
        KeyStroke stroke = Reader([Key(character, key, modifiers)]).Read();
        Assert.Equal(expected, $"{stroke.Key}");
        Assert.Equal(stroke.Key == EditorKey.Insert ? $"{character}" : "", stroke.Text);
    }

    [Theory]
    [InlineData("\u001B[A", "Up")]
    [InlineData("\u001BOD", "Left")]
    [InlineData("\u001B[1;5C", "WordRight")]
    [InlineData("\u001B[3~", "DeleteAfter")]
    [InlineData("\u001B[13;2u", "NewLine")]
    [InlineData("\u001B[99;99R", "None")]
    [InlineData("\u001B", "None")]
    [InlineData("\u001B[", "None")]
    public void Read_SequenceThatDotnetDoesNotKnow_IsOneKeyStroke(string characters, string expected)
    {
        Queue<ConsoleKeyInfo> keys = new([.. characters.Select(Character), Character('x')]);
        bool isAll = characters.Length < 3;
        KeyReader reader = new(keys.Dequeue, () => keys.Count > (isAll ? 1 : 0));
        Assert.Equal(expected, $"{reader.Read().Key}");
        Assert.Equal(new KeyStroke(EditorKey.Insert, "x"), reader.Read());
    }

    [Fact]
    public void Read_EscapeBeforeText_LosesNothingOfTheText() =>
        Assert.Equal("hi", string.Concat(ReadAll("\u001Bhi").Select(static stroke => stroke.Text)));

    [Fact]
    public void Read_Emoji_IsOneKeyStroke() => Assert.Equal([new KeyStroke(EditorKey.Insert, "😀")], ReadAll("😀"));

    [Theory]
    [InlineData("one\rtwo", "one\ntwo")]
    [InlineData("one\r\ntwo\n", "one\ntwo\n")]
    [InlineData("", "")]
    [InlineData("tab\tand 😀", "tab\tand 😀")]
    [InlineData("red \u001B[31m and \u0003\u0004\u0000\u007F\u009B", "red [31m and ")]
    [InlineData("half an end \u001B[201 and more", "half an end [201 and more")]
    public void Read_Paste_IsOneKeyStrokeWithoutControlCharacters(string pasted, string expected) =>
        Assert.Equal(
            [new KeyStroke(EditorKey.Paste, expected), new KeyStroke(EditorKey.Insert, "x")],
            ReadAll($"\u001B[200~{pasted}\u001B[201~x"));

    // Where a read ends behind Escape and the bracket, .NET gives the bracket alone.
    [Theory]
    [InlineData("[200~ab\u001B[201~", "ab")]
    [InlineData("\u001B[200~ab[201~", "ab")]
    [InlineData("[200~ab[201~", "ab")]
    [InlineData("\u001B[200~[201~", "")]
    [InlineData("\u001B[200~one [201~ two\u001B[201~", "one [201~ two")]
    [InlineData("\u001B[200~one [201~\u001B[201~", "one [201~")]
    public void Read_PasteWhoseMarksLackTheirEscape_IsThePaste(string characters, string expected) =>
        Assert.Equal([new KeyStroke(EditorKey.Paste, expected)], ReadAll(characters));

    [Theory]
    [InlineData("[")]
    [InlineData("[2")]
    [InlineData("[200 of them]")]
    [InlineData("[[20[")]
    public void Read_BracketThatWasTyped_IsText(string typed) =>
        Assert.Equal(typed.Select(static c => new KeyStroke(EditorKey.Insert, $"{c}")), ReadAll(typed));

    [Fact]
    public void Read_BracketBeforeAPasteWithoutItsEscape_IsText() =>
        Assert.Equal([new KeyStroke(EditorKey.Insert, "["), new KeyStroke(EditorKey.Paste, "ab")], ReadAll("[[200~ab\u001B[201~"));

    // Where a read ends behind Escape and O, .NET takes them for Alt and a key.
    [Fact]
    public void Read_ArrowWhoseSequenceArrivesInParts_IsTheArrow() =>
        Assert.Equal(
            new KeyStroke(EditorKey.Left),
            Reader([Key('O', ConsoleKey.O, ConsoleModifiers.Alt | ConsoleModifiers.Shift), Character('D')]).Read());

    private static List<KeyStroke> ReadAll(string characters)
    {
        Queue<ConsoleKeyInfo> keys = new([.. characters.Select(Character), Key('\u0004', ConsoleKey.D, ConsoleModifiers.Control)]);
        KeyReader reader = new(keys.Dequeue, () => keys.Count > 1); // the last one comes later
        List<KeyStroke> strokes = [];
        for (KeyStroke stroke = reader.Read(); stroke.Key != EditorKey.EndOfInput; stroke = reader.Read())
            strokes.Add(stroke);
        return strokes;
    }

    private static KeyReader Reader(IEnumerable<ConsoleKeyInfo> keys)
    {
        Queue<ConsoleKeyInfo> queue = new(keys);
        return new KeyReader(queue.Dequeue, () => queue.Count > 0);
    }

    private static ConsoleKeyInfo Character(char c) => Key(c, c == '\r' ? ConsoleKey.Enter : ConsoleKey.None, ConsoleModifiers.None);

    private static ConsoleKeyInfo Key(char c, ConsoleKey key, ConsoleModifiers modifiers) => new(
        c,
        key,
        shift: modifiers.HasFlag(ConsoleModifiers.Shift),
        alt: modifiers.HasFlag(ConsoleModifiers.Alt),
        control: modifiers.HasFlag(ConsoleModifiers.Control));
}
