using Spectre.Console;

namespace KvNorm.Cli.LineEditing;

/// <summary>Reads messages from the terminal, with a history that outlives the program.</summary>
/// <param name="history">What was entered before.</param>
/// <param name="file">Where it is kept; null for nowhere.</param>
/// <param name="colour">The escape sequence that the prompt is drawn with; empty for none.</param>
/// <param name="complete">What a text can be completed to by the Tab key.</param>
internal sealed class MessageReader(History history, HistoryFile? file, string colour, Func<string, IReadOnlyList<string>> complete)
{
    private const int PollMilliseconds = 5, MaximumPolls = 4; // the rest of a key's sequence comes within that

    private HistoryFile? _file = file;
    private readonly LineEditor _editor = new(history, complete);
    private readonly EditingArea _area = new(Console.Out, "> ", colour);
    private readonly KeyReader _keys = new(static () => Console.ReadKey(intercept: true), IsMoreComing);

    /// <summary>Gets whether nothing was written in the message read last.</summary>
    public bool IsEmpty => _editor.Text.Length == 0;

    /// <summary>Reads a message. Blocks until it is entered.</summary>
    /// <returns>The text, with its quotation marks; null where there was Ctrl+C, or Ctrl+D without any text.</returns>
    /// <param name="outcome">Which of these.</param>
    public string? Read(out EditOutcome outcome)
    {
        Console.TreatControlCAsInput = true;
        outcome = Edit();
        Console.TreatControlCAsInput = false;

        if (outcome != EditOutcome.Entered)
            return null;
        Remember();
        return _editor.Text;
    }

    private EditOutcome Edit()
    {
        _editor.Begin();
        EditOutcome outcome = EditOutcome.Going;
        Draw();
        while (outcome == EditOutcome.Going)
        {
            KeyStroke stroke = _keys.Read();
            outcome = _editor.Apply(stroke);
            if (stroke.Key == EditorKey.ClearScreen)
                _area.EraseAll();
            if (outcome != EditOutcome.Going || !Console.KeyAvailable)
                Draw();
        }

        _area.Leave();
        return outcome;
    }

    private void Draw() => _area.Draw(_editor.Text, _editor.Cursor, Terminal.Width, Terminal.Height);

    private void Remember()
    {
        try
        {
            if (history.Add(_editor.Text))
                _file?.Append(_editor.Text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _file = null; // once is enough
            AnsiConsole.MarkupLine($"[dim]What is entered is not kept: {Markup.Escape(UserErrors.Sentence(e))}[/]");
        }
    }

    private static bool IsMoreComing()
    {
        for (int i = 0; i < MaximumPolls; i++)
        {
            if (Console.KeyAvailable)
                return true;
            Thread.Sleep(PollMilliseconds);
        }

        return false;
    }
}
