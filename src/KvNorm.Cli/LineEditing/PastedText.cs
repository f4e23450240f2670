using System.Text;

namespace KvNorm.Cli.LineEditing;

/// <summary>
/// Text from the clipboard or a file: terminals send its line ends as the Enter key does, and it may hold what steers a terminal.
/// </summary>
internal static class PastedText
{
    /// <summary>With one kind of line end, and no control characters but those and tabs.</summary>
    public static string Clean(string text)
    {
        StringBuilder clean = new(text.Length);
        foreach (char c in text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n'))
        {
            if (c is '\n' or '\t' || !char.IsControl(c))
                clean.Append(c);
        }

        return clean.ToString();
    }
}
