using Spectre.Console;

namespace KvNorm.Cli;

/// <summary>The conversation, each token in the colour of what is still held of it.</summary>
internal static class MemoryView
{
    // Shares up to which a colour holds, and its name.
    private static readonly (float UpTo, Style Style, string Meaning)[] Colours =
    [
        (0, new Style(Color.Grey35, decoration: Decoration.Strikethrough), "gone"),
        (0.25f, new Style(Color.Red), "up to a quarter"),
        (0.5f, new Style(Color.Orange1), "up to a half"),
        (0.75f, new Style(Color.Yellow), "up to three quarters"),
        (0.999f, new Style(Color.GreenYellow), "nearly all"),
        (1, new Style(Color.Green), "all"),
    ];

    private static readonly Style Recalled = new(Color.Aqua, decoration: Decoration.Underline);

    public static void Show(IReadOnlyList<TokenRetention> tokens)
    {
        if (tokens.Count == 0)
        {
            AnsiConsole.MarkupLine("[dim]Nothing has been said yet.[/]");
            return;
        }

        Paragraph text = new();
        foreach (TokenRetention token in tokens)
            text.Append(TerminalChat.Printable(token.Text), StyleOf(token));
        AnsiConsole.Write(text);
        AnsiConsole.WriteLine();
        Paragraph legend = new("Held in layers and heads: ");
        foreach ((_, Style style, string meaning) in Colours)
            legend.Append(meaning, style).Append("  ");
        legend.Append("came back for the last message", Recalled);
        AnsiConsole.Write(legend);
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLine(
            $"[dim]{tokens.Count} tokens said, {tokens.Average(token => token.Held):P0} of their keys and values held, "
            + $"{tokens.Count(token => token.Held == 0)} gone altogether.[/]");
    }

    private static Style StyleOf(TokenRetention token) =>
        token.IsRecalled ? Recalled : Colours.First(colour => token.Held <= colour.UpTo).Style;
}
