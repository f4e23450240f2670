namespace KvNorm.Cli.LineEditing;

/// <summary>Text of several lines between three quotation marks and three more.</summary>
internal static class TripleQuotes
{
    private const string Mark = "\"\"\"";

    /// <summary>Whether a text begins so and does not end so yet.</summary>
    public static bool IsOpen(string text)
    {
        string trimmed = text.Trim();
        return trimmed.StartsWith(Mark, StringComparison.Ordinal) && !IsClosed(trimmed);
    }

    /// <summary>What stands between the marks; a text without them as it is.</summary>
    public static string Strip(string text)
    {
        string trimmed = text.Trim();
        return IsClosed(trimmed) ? trimmed[Mark.Length..^Mark.Length].Trim('\n') : text;
    }

    private static bool IsClosed(string trimmed) =>
        trimmed.Length >= 2 * Mark.Length
        && trimmed.StartsWith(Mark, StringComparison.Ordinal) && trimmed.EndsWith(Mark, StringComparison.Ordinal);
}
