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
    private const string PasteStart = "[200~", PasteEnd = "\u001B[201~";
    private const int MaximumSequence = 16; // characters; no key that is known here has more

    private readonly Queue<char> _characters = []; // read, and not asked for yet

    /// <summary>Waits for the next key stroke.</summary>
    public KeyStroke Read()
    {
        ConsoleKeyInfo key = read();
        if (IsSplitSequence(key))
        {
            _characters.Enqueue(key.KeyChar);
            return ReadSequence();
        }

        if (key.KeyChar == Escape)
            return isMoreComing() ? ReadSequence() : new KeyStroke(EditorKey.None);
        EditorKey known = KeyBindings.Of(key);
        if (known != EditorKey.Insert)
            return new KeyStroke(known);
        return new KeyStroke(EditorKey.Insert, char.IsHighSurrogate(key.KeyChar) ? $"{key.KeyChar}{NextCharacter()}" : $"{key.KeyChar}");
    }

    // A sequence whose first two characters arrived alone looks like Alt and a key.
    private static bool IsSplitSequence(ConsoleKeyInfo key) => key is { KeyChar: '[' or 'O', Modifiers: ConsoleModifiers.Alt };

    private char NextCharacter() => _characters.TryDequeue(out char waiting) ? waiting : NextRead();

    private char NextRead()
    {
        ConsoleKeyInfo key = read();
        if (!IsSplitSequence(key))
            return key.KeyChar;
        _characters.Enqueue(key.KeyChar);
        return Escape;
    }

    private KeyStroke ReadSequence()
    {
        char first = NextCharacter();
        if (first is not ('[' or 'O'))
            return char.IsControl(first) ? new KeyStroke(EditorKey.None) : new KeyStroke(EditorKey.Insert, $"{first}"); // Escape, and that
        StringBuilder sequence = new($"{first}");
        while (sequence.Length < MaximumSequence && (_characters.Count > 0 || isMoreComing()))
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
        while (!EndsWith(text, PasteEnd))
            text.Append(NextCharacter());
        return PastedText.Clean(text.ToString(0, text.Length - PasteEnd.Length));
    }

    private static bool EndsWith(StringBuilder text, string end)
    {
        if (text.Length < end.Length || text[^1] != end[^1])
            return false;
        return text.ToString(text.Length - end.Length, end.Length).Equals(end, StringComparison.Ordinal);
    }
}
