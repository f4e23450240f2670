using System.Globalization;
using System.Text;
using Wcwidth;

namespace KvNorm.Cli.LineEditing;

/// <summary>How many columns text takes on a terminal.</summary>
internal static class TextWidth
{
    /// <summary>Columns of a tab, which is drawn as spaces: where a terminal's own tab leads depends on where it stands.</summary>
    public const int Tab = 4;

    private const int EmojiPresentation = 0xFE0F;

    /// <summary>The columns of what a reader sees as one character.</summary>
    /// <param name="grapheme">One text element.</param>
    public static int Of(ReadOnlySpan<char> grapheme)
    {
        if (grapheme is "\t")
            return Tab;
        int width = 0;
        foreach (Rune rune in grapheme.EnumerateRunes())
            width = rune.Value == EmojiPresentation ? 2 : Math.Max(width, UnicodeCalculator.GetWidth(rune.Value));
        return width;
    }

    /// <summary>The columns of a text on one line.</summary>
    public static int OfLine(string text)
    {
        int width = 0;
        for (int at = 0, length; at < text.Length; at += length)
        {
            length = StringInfo.GetNextTextElementLength(text.AsSpan(at));
            width += Of(text.AsSpan(at, length));
        }

        return width;
    }
}
