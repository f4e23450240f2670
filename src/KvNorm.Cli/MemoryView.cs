using Spectre.Console;

namespace KvNorm.Cli;

/// <summary>The conversation, each token in the colour of what is still held of it; in words where the terminal shows no colours.</summary>
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

    private static readonly (Style Style, string Meaning) Recalled =
        (new Style(Color.Aqua, decoration: Decoration.Underline), "came back for the last message");

    public static void Show(IReadOnlyList<TokenRetention> tokens)
    {
        if (tokens.Count == 0)
        {
            AnsiConsole.MarkupLine("[dim]Nothing has been said yet.[/]");
            return;
        }

        bool isPlain = AnsiConsole.Profile.Capabilities is { Ansi: false } or { ColorSystem: ColorSystem.NoColors };
        AnsiConsole.Write(isPlain ? InWords(tokens) : InColours(tokens));
        AnsiConsole.WriteLine();
        AnsiConsole.Write(isPlain ? new Paragraph("In braces: in how many layers and heads the text behind is held.") : Legend());
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLine(
            $"[dim]{tokens.Count} tokens said, {tokens.Average(token => token.Held):P0} of their keys and values held, "
            + $"{tokens.Count(token => token.Held == 0)} gone altogether.[/]");
    }

    private static Paragraph InColours(IReadOnlyList<TokenRetention> tokens)
    {
        Paragraph text = new();
        foreach (TokenRetention token in tokens)
            text.Append(TerminalChat.Printable(token.Text), Of(token).Style);
        return text;
    }

    private static Paragraph InWords(IReadOnlyList<TokenRetention> tokens)
    {
        Paragraph text = new();
        string last = "";
        foreach (TokenRetention token in tokens)
        {
            string meaning = Of(token).Meaning;
            text.Append((meaning == last ? "" : $"{{{meaning}}}") + TerminalChat.Printable(token.Text));
            last = meaning;
        }

        return text;
    }

    private static Paragraph Legend()
    {
        Paragraph legend = new("Held in layers and heads: ");
        foreach ((_, Style style, string meaning) in Colours)
            legend.Append(meaning, style).Append("  ");
        return legend.Append(Recalled.Meaning, Recalled.Style);
    }

    private static (Style Style, string Meaning) Of(TokenRetention token)
    {
        if (token.IsRecalled)
            return Recalled;
        (_, Style style, string meaning) = Colours.First(colour => token.Held <= colour.UpTo);
        return (style, meaning);
    }
}
