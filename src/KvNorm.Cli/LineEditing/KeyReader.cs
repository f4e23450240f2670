using System.Text;

namespace KvNorm.Cli.LineEditing;

/// <summary>
/// Makes key strokes of what a terminal sends. .NET knows the common keys; it hands out character by character what it does not know, such
/// as the marks around pasted text.
/// </summary>
/// <param name="read">Waits for the next key.</param>
/// <param name="isMoreComing">Whether another key is there already, or comes at once.</param>
internal sealed class KeyReader(Func<ConsoleKeyInfo> read, Func<bool> isMoreComing)
{
    /// <summary>Has a terminal put marks around pasted text, and not.</summary>
    public const string BeginMarkingPaste = "\u001B[?2004h", EndMarkingPaste = "\u001B[?2004l";

    private const char Escape = '\u001B';
    private const string PasteStart = "[200~", PasteEnd = "[201~"; // behind Escape
    private const int MaximumSequence = 16; // characters; no key that is known here has more

    private readonly Queue<ConsoleKeyInfo> _ahead = []; // read, and not asked for yet

    /// <summary>Waits for the next key stroke.</summary>
    public KeyStroke Read()
    {
        ConsoleKeyInfo key = Next();
        if (key.KeyChar == Escape)
            return IsMoreComing() ? ReadSequence(NextCharacter()) : new KeyStroke(EditorKey.None);
        if (key is { KeyChar: 'O', Modifiers: ConsoleModifiers.Alt | ConsoleModifiers.Shift })
            return ReadSequence(key.KeyChar);
        if (key.KeyChar == PasteStart[0] && FollowsPasteStart())
            return new KeyStroke(EditorKey.Paste, ReadPaste());
        EditorKey known = KeyBindings.Of(key);
        if (known != EditorKey.Insert)
            return new KeyStroke(known);
        return new KeyStroke(EditorKey.Insert, char.IsHighSurrogate(key.KeyChar) ? $"{key.KeyChar}{NextCharacter()}" : $"{key.KeyChar}");
    }

    private ConsoleKeyInfo Next() => _ahead.TryDequeue(out ConsoleKeyInfo waiting) ? waiting : read();

    private char NextCharacter() => Next().KeyChar;

    private bool IsMoreComing() => _ahead.Count > 0 || isMoreComing();

    // .NET reads 1,024 bytes at a time. Where the last two of them are Escape and another character, it takes them for Alt and a key: for
    // Alt, Shift and O, and for the bracket alone, since it knows no such key. A bracket that was typed has no paste's start behind it.
    private bool FollowsPasteStart()
    {
        for (int i = 1; i < PasteStart.Length; i++)
        {
            if (_ahead.Count < i && !isMoreComing())
                return false;
            if (_ahead.Count < i)
                _ahead.Enqueue(read());
            if (_ahead.ElementAt(i - 1).KeyChar != PasteStart[i])
                return false;
        }

        _ahead.Clear();
        return true;
    }

    private KeyStroke ReadSequence(char first)
    {
        if (first is not ('[' or 'O'))
            return char.IsControl(first) ? new KeyStroke(EditorKey.None) : new KeyStroke(EditorKey.Insert, $"{first}"); // Escape, and that
        StringBuilder sequence = new($"{first}");
        while (sequence.Length < MaximumSequence && IsMoreComing())
        {
            sequence.Append(NextCharacter());
            if (sequence.Length > 1 && IsFinal(sequence[^1]))
                break;
        }

        string whole = sequence.ToString();
        return whole == PasteStart ? new KeyStroke(EditorKey.Paste, ReadPaste()) : new KeyStroke(KeyBindings.Of(whole));
    }

    private static bool IsFinal(char c) => char.IsAsciiLetter(c) || c == '~';

    private string ReadPaste()
    {
        StringBuilder text = new();
        while (!IsPasteEnd(text))
            text.Append(NextCharacter());
        return PastedText.Clean(text.ToString(0, text.Length - PasteEnd.Length)); // which takes the Escape away
    }

    // The end may have lost its Escape, too; a text that says the same goes on behind it.
    private bool IsPasteEnd(StringBuilder text) =>
        EndsWith(text, PasteEnd) && ((text.Length > PasteEnd.Length && text[^(PasteEnd.Length + 1)] == Escape) || !IsMoreComing());

    private static bool EndsWith(StringBuilder text, string end)
    {
        if (text.Length < end.Length || text[^1] != end[^1])
            return false;
        return text.ToString(text.Length - end.Length, end.Length).Equals(end, StringComparison.Ordinal);
    }
}
