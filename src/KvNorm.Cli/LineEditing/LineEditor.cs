namespace KvNorm.Cli.LineEditing;

/// <summary>
/// Reads a message of one or several lines from a terminal. Enter enters it, unless three quotation marks are open; Alt+Enter begins a new
/// line, and several lines that are pasted stay one message.
/// </summary>
/// <param name="history">What was entered before.</param>
/// <param name="complete">What a text can be completed to by the Tab key.</param>
internal sealed class LineEditor(History history, Func<string, IReadOnlyList<string>> complete)
{
    private readonly TextBuffer _buffer = new();

    /// <summary>Gets what is written so far.</summary>
    public string Text => _buffer.Text;

    /// <summary>Gets the index of the character (UTF-16) before which the cursor stands.</summary>
    public int Cursor => _buffer.Cursor;

    /// <summary>Begins a message.</summary>
    public void Begin()
    {
        _buffer.Set("");
        history.Leave(); // the message before may have been given up at an entry
    }

    /// <summary>Does what a key asks for.</summary>
    public EditOutcome Apply(KeyStroke stroke)
    {
        switch (stroke.Key)
        {
            case EditorKey.Submit when TripleQuotes.IsOpen(_buffer.Text):
            case EditorKey.NewLine:
                _buffer.Insert("\n");
                break;
            case EditorKey.Submit:
                _buffer.TextEnd();
                return EditOutcome.Entered;
            case EditorKey.Interrupt:
                _buffer.TextEnd();
                return EditOutcome.Interrupted;
            case EditorKey.EndOfInput when _buffer.Text.Length == 0:
                return EditOutcome.EndOfInput;
            case EditorKey.Insert or EditorKey.Paste:
                _buffer.Insert(stroke.Text);
                break;
            case EditorKey.Complete:
                Complete();
                break;
            case EditorKey.Up:
                if (!_buffer.Up())
                    Show(history.Previous(_buffer.Text));
                break;
            case EditorKey.Down:
                if (!_buffer.Down())
                    Show(history.Next());
                break;
            case EditorKey.Previous:
                Show(history.Previous(_buffer.Text));
                break;
            case EditorKey.Next:
                Show(history.Next());
                break;
            default:
                Edit(stroke.Key);
                break;
        }

        return EditOutcome.Going;
    }

    private void Edit(EditorKey key)
    {
        Action? edit = key switch
        {
            EditorKey.Left => _buffer.Left,
            EditorKey.Right => _buffer.Right,
            EditorKey.WordLeft => _buffer.WordLeft,
            EditorKey.WordRight => _buffer.WordRight,
            EditorKey.Home => _buffer.Home,
            EditorKey.End => _buffer.End,
            EditorKey.TextStart => _buffer.TextStart,
            EditorKey.TextEnd => _buffer.TextEnd,
            EditorKey.DeleteBefore => _buffer.DeleteBefore,
            EditorKey.DeleteAfter or EditorKey.EndOfInput => _buffer.DeleteAfter,
            EditorKey.DeleteWordBefore => _buffer.DeleteWordBefore,
            EditorKey.DeleteWordAfter => _buffer.DeleteWordAfter,
            EditorKey.DeleteToLineStart => _buffer.DeleteToLineStart,
            EditorKey.DeleteToLineEnd => _buffer.DeleteToLineEnd,
            _ => null,
        };
        edit?.Invoke();
    }

    private void Show(string? entry)
    {
        if (entry is not null)
            _buffer.Set(entry);
    }

    // As far as all that is possible agrees.
    private void Complete()
    {
        if (_buffer.Cursor != _buffer.Text.Length || complete(_buffer.Text) is not { Count: > 0 } possible)
            return;
        int common = possible.Min(one => one.AsSpan().CommonPrefixLength(possible[0]));
        if (common > _buffer.Text.Length)
            _buffer.Set(possible[0][..common] + (possible.Count == 1 ? " " : ""));
    }
}
