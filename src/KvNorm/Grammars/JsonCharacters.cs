using System.Globalization;
using System.Text;

namespace KvNorm.Grammars;

/// <summary>
/// How characters are written inside a JSON string: as they are where JSON allows it, otherwise by their shortest escape.
/// </summary>
internal static class JsonCharacters
{
    private static readonly CharSet Escaped = CharSet.Plain.Complement();

    /// <summary>A character of a set as GBNF, a group where there are several ways.</summary>
    public static string OneOf(CharSet set)
    {
        List<string> ways = [];
        CharSet plain = set.Intersect(CharSet.Plain);
        if (!plain.IsEmpty)
            ways.Add(plain.ToClass());
        for (int codePoint = 0; codePoint <= '\\'; codePoint++)
        {
            if (Escaped.Contains(codePoint) && set.Contains(codePoint))
                ways.Add(Gbnf.Literal(Escape((char)codePoint)));
        }

        return Gbnf.OneOf(ways);
    }

    /// <summary>A text as it stands in a JSON string, quotes included.</summary>
    public static string Quote(string text)
    {
        StringBuilder json = new("\"");
        foreach (char letter in text)
            json.Append(Escaped.Contains(letter) ? Escape(letter) : letter.ToString());
        return json.Append('"').ToString();
    }

    private static string Escape(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
    };
}
