using System.Globalization;
using System.Text;

namespace KvNorm.Cli.LineEditing;

/// <summary>A text broken into the rows of a terminal, and where the cursor stands in them.</summary>
/// <param name="Rows">The text of each row, without its prompt; tabs are spaces.</param>
/// <param name="CursorRow">The row of the cursor.</param>
/// <param name="CursorColumn">Columns before the cursor in its row, without the prompt.</param>
internal sealed record TextLayout(IReadOnlyList<string> Rows, int CursorRow, int CursorColumn)
{
    /// <summary>Lays a text out.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cursor">The index of the character (UTF-16) before which the cursor stands.</param>
    /// <param name="width">Columns of a row, at least 2.</param>
    public static TextLayout Of(string text, int cursor, int width)
    {
        List<string> rows = [];
        StringBuilder row = new();
        (int column, int cursorRow, int cursorColumn) = (0, 0, 0);
        for (int at = 0, length; at < text.Length; at += length)
        {
            length = StringInfo.GetNextTextElementLength(text.AsSpan(at));
            ReadOnlySpan<char> grapheme = text.AsSpan(at, length);
            bool breaks = grapheme is "\n";
            int columns = breaks ? 0 : TextWidth.Of(grapheme);
            if (column + columns > width)
                EndRow();
            if (at == cursor)
                (cursorRow, cursorColumn) = (rows.Count, column);
            if (breaks)
                EndRow();
            else
                row.Append(grapheme is "\t" ? new string(' ', TextWidth.Tab) : grapheme);
            column += columns;
        }

        if (column == width)
            EndRow(); // the cursor needs a place
        if (cursor == text.Length)
            (cursorRow, cursorColumn) = (rows.Count, column);
        rows.Add(row.ToString());
        return new TextLayout(rows, cursorRow, cursorColumn);

        void EndRow()
        {
            rows.Add(row.ToString());
            row.Clear();
            column = 0;
        }
    }
}
