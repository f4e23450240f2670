using System.Globalization;

namespace KvNorm.Cli.Models;

/// <summary>
/// Model files, one on a line. Paths stand last and are not broken, so that they can be copied. What files are called and what they say is
/// a stranger's, and steers no terminal.
/// </summary>
internal static class ModelsTable
{
    private const int MaximumFamily = 24; // characters; names of families are shorter
    private const int Size = 1, TrainedTo = 4; // columns of numbers

    private static readonly string[] Heading = ["Of", "Size", "Family", "Quantisation", "Trained to", "File"];

    /// <summary>Writes it.</summary>
    public static void Write(IReadOnlyList<FoundModel> found, TextWriter output)
    {
        string[][] rows = [Heading, .. found.Select(Cells)];
        int[] widths = [.. Heading.SkipLast(1).Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            for (int column = 0; column < widths.Length; column++)
                output.Write(Padded(row[column], widths[column], column is Size or TrainedTo) + "  ");
            output.WriteLine(row[^1]);
        }
    }

    private static string[] Cells(FoundModel model) =>
    [
        model.Place,
        model.Bytes is { } bytes ? FileSize.Describe(bytes) : "",
        model.Problem ?? OnOneLine(Shortened(model.Architecture!)),
        model.FileType ?? "",
        model.TrainedLength?.ToString("N0", CultureInfo.InvariantCulture) ?? "",
        OnOneLine(model.Path),
    ];

    private static string Shortened(string family) => family.Length > MaximumFamily ? $"{family[..MaximumFamily]}…" : family;

    private static string OnOneLine(string text) => TerminalChat.Printable(text.ReplaceLineEndings(" ").Replace('\t', ' '));

    private static string Padded(string cell, int width, bool isNumber) => isNumber ? cell.PadLeft(width) : cell.PadRight(width);
}
