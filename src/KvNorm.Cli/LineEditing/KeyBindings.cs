namespace KvNorm.Cli.LineEditing;

/// <summary>Which key does what: the keys of every editor, and those of shells.</summary>
internal static class KeyBindings
{
    private const ConsoleModifiers None = ConsoleModifiers.None, Alt = ConsoleModifiers.Alt, Control = ConsoleModifiers.Control;

    /// <summary>What a key of .NET asks for.</summary>
    public static EditorKey Of(ConsoleKeyInfo key) => (key.Key, key.Modifiers & (Alt | Control)) switch
    {
        (ConsoleKey.Enter, None) => key.Modifiers == ConsoleModifiers.Shift ? EditorKey.NewLine : EditorKey.Submit,
        (ConsoleKey.Enter, _) => EditorKey.NewLine,
        (ConsoleKey.Tab, None) => EditorKey.Complete,
        (ConsoleKey.LeftArrow, None) => EditorKey.Left,
        (ConsoleKey.RightArrow, None) => EditorKey.Right,
        (ConsoleKey.LeftArrow, _) => EditorKey.WordLeft,
        (ConsoleKey.RightArrow, _) => EditorKey.WordRight,
        (ConsoleKey.UpArrow, _) => EditorKey.Up,
        (ConsoleKey.DownArrow, _) => EditorKey.Down,
        (ConsoleKey.PageUp, _) => EditorKey.Previous,
        (ConsoleKey.PageDown, _) => EditorKey.Next,
        (ConsoleKey.Home, None) => EditorKey.Home,
        (ConsoleKey.End, None) => EditorKey.End,
        (ConsoleKey.Home, _) => EditorKey.TextStart,
        (ConsoleKey.End, _) => EditorKey.TextEnd,
        (ConsoleKey.Backspace, None) => EditorKey.DeleteBefore,
        (ConsoleKey.Backspace, _) => EditorKey.DeleteWordBefore,
        (ConsoleKey.Delete, None) => EditorKey.DeleteAfter,
        (ConsoleKey.Delete, _) => EditorKey.DeleteWordAfter,
        (_, Alt) => OfAlt(key.Key),
        _ => OfCharacter(key.KeyChar),
    };

    /// <summary>What a sequence asks for that .NET does not know, without its Escape.</summary>
    public static EditorKey Of(string sequence) => sequence switch
    {
        "[A" or "OA" => EditorKey.Up,
        "[B" or "OB" => EditorKey.Down,
        "[C" or "OC" => EditorKey.Right,
        "[D" or "OD" => EditorKey.Left,
        "[H" or "OH" or "[1~" or "[7~" => EditorKey.Home,
        "[F" or "OF" or "[4~" or "[8~" => EditorKey.End,
        "[3~" => EditorKey.DeleteAfter,
        "[1;5C" or "[1;3C" or "[5C" or "Oc" => EditorKey.WordRight,
        "[1;5D" or "[1;3D" or "[5D" or "Od" => EditorKey.WordLeft,
        "[13;2u" or "[27;2;13~" => EditorKey.NewLine, // Shift+Enter, where a terminal tells
        _ => EditorKey.None,
    };

    private static EditorKey OfAlt(ConsoleKey key) => key switch
    {
        ConsoleKey.B => EditorKey.WordLeft,
        ConsoleKey.F => EditorKey.WordRight,
        ConsoleKey.D => EditorKey.DeleteWordAfter,
        _ => EditorKey.None,
    };

    private static EditorKey OfCharacter(char c) => c switch
    {
        '\u0001' => EditorKey.Home, // Ctrl+A and so on
        '\u0002' => EditorKey.Left,
        '\u0003' => EditorKey.Interrupt,
        '\u0004' => EditorKey.EndOfInput,
        '\u0005' => EditorKey.End,
        '\u0006' => EditorKey.Right,
        '\u000B' => EditorKey.DeleteToLineEnd,
        '\u000C' => EditorKey.ClearScreen,
        '\u000E' => EditorKey.Next,
        '\u0010' => EditorKey.Previous,
        '\u0015' => EditorKey.DeleteToLineStart,
        '\u0017' => EditorKey.DeleteWordBefore,
        _ => char.IsControl(c) ? EditorKey.None : EditorKey.Insert,
    };
}
