using System.Globalization;
using System.Text;

namespace KvNorm.Grammars;

/// <summary>Writes the parts of llama.cpp's grammar notation.</summary>
internal static class Gbnf
{
    /// <summary>The most repetitions that llama.cpp's parser takes; it makes a rule of each.</summary>
    public const int MostRepetitions = 1999;

    /// <summary>Text that stands in the grammar for itself.</summary>
    public static string Literal(string text)
    {
        StringBuilder literal = new("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => literal.Append("\\\""),
                '\\' => literal.Append("\\\\"),
                < ' ' or 0x7F => literal.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:X2}"),
                _ => literal.Append(rune.ToString()),
            };
        }

        return literal.Append('"').ToString();
    }

    /// <summary>One of some alternatives; a group when there are several.</summary>
    public static string OneOf(IEnumerable<string> alternatives)
    {
        string[] all = [.. alternatives.Distinct(StringComparer.Ordinal)];
        return all.Length == 1 ? all[0] : $"({string.Join(" | ", all)})";
    }

    /// <summary>An item (a rule's name, a class or a group) again and again. Bounds that llama.cpp does not take are widened.</summary>
    /// <param name="item">What is repeated.</param>
    /// <param name="least">The fewest times.</param>
    /// <param name="most">The most times; null for no bound.</param>
    public static string Repeat(string item, int least, int? most)
    {
        least = Math.Min(least, MostRepetitions);
        if (most > MostRepetitions)
            most = null;
        return (least, most) switch
        {
            (_, 0) => "",
            (1, 1) => item,
            (0, 1) => item + "?",
            (0, null) => item + "*",
            (1, null) => item + "+",
            (_, null) => string.Create(CultureInfo.InvariantCulture, $"{item}{{{least},}}"),
            _ when least == most => string.Create(CultureInfo.InvariantCulture, $"{item}{{{least}}}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{item}{{{least},{most}}}"),
        };
    }
}
