namespace KvNorm.Cli.LineEditing;

/// <summary>What a key asks of the editor.</summary>
internal enum EditorKey
{
    None,
    Insert,
    Paste,
    Submit,
    NewLine,
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
    TextStart,
    TextEnd,
    Up,
    Down,
    Previous,
    Next,
    DeleteBefore,
    DeleteAfter,
    DeleteWordBefore,
    DeleteWordAfter,
    DeleteToLineStart,
    DeleteToLineEnd,
    Complete,
    ClearScreen,
    Interrupt,
    EndOfInput,
}
