using System.Text;

namespace KvNorm.Cli.LineEditing;

/// <summary>The rows of a terminal in which a text is written, drawn anew after every change.</summary>
/// <param name="output">The terminal.</param>
/// <param name="prompt">What stands before the first row.</param>
/// <param name="colour">The escape sequence that the prompt is drawn with; empty for none.</param>
internal sealed class EditingArea(TextWriter output, string prompt, string colour)
{
    private const string Reset = "\u001B[0m", EraseBelow = "\u001B[J", EraseScreen = "\u001B[H\u001B[2J";
    private const int NarrowestText = 2; // a wide character

    private int _cursorRow; // of those drawn last, where the cursor was left

    /// <summary>Draws a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cursor">The index of the character (UTF-16) before which the cursor stands.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">Its rows: of a longer text those around the cursor are drawn.</param>
    public void Draw(string text, int cursor, int width, int height)
    {
        TextLayout layout = TextLayout.Of(text, cursor, Math.Max(NarrowestText, width - prompt.Length));
        int shown = Math.Clamp(layout.Rows.Count, 1, Math.Max(1, height - 1));
        int first = Math.Clamp(layout.CursorRow - shown + 1, 0, layout.Rows.Count - shown);
        StringBuilder drawn = new();
        GoToFirstRow(drawn);
        for (int i = first; i < first + shown; i++)
        {
            drawn.Append(i == 0 ? $"{colour}{prompt}{(colour.Length > 0 ? Reset : "")}" : new string(' ', prompt.Length));
            drawn.Append(layout.Rows[i]).Append(i < first + shown - 1 ? "\r\n" : "\r");
        }

        _cursorRow = layout.CursorRow - first;
        Up(drawn, shown - 1 - _cursorRow);
        drawn.Append($"\u001B[{Math.Min(width - 1, prompt.Length + layout.CursorColumn)}C");
        output.Write(drawn.ToString());
        output.Flush();
    }

    /// <summary>Takes the text away.</summary>
    public void Erase()
    {
        StringBuilder drawn = new();
        GoToFirstRow(drawn);
        output.Write(drawn.ToString());
        output.Flush();
    }

    /// <summary>Clears the whole screen, for what is drawn next.</summary>
    public void EraseAll()
    {
        output.Write(EraseScreen);
        _cursorRow = 0;
    }

    /// <summary>Goes on below, after a text was drawn with the cursor at its end.</summary>
    public void Leave()
    {
        output.Write("\r\n");
        output.Flush();
        _cursorRow = 0;
    }

    private void GoToFirstRow(StringBuilder drawn)
    {
        drawn.Append('\r');
        Up(drawn, _cursorRow);
        drawn.Append(EraseBelow);
        _cursorRow = 0;
    }

    private static void Up(StringBuilder drawn, int rows)
    {
        if (rows > 0)
            drawn.Append($"\u001B[{rows}A");
    }
}
