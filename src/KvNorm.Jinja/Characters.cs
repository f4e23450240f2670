namespace KvNorm.Jinja;

/// <summary>Characters as templates count them: code points, where a pair of surrogates is one.</summary>
internal static class Characters
{
    /// <summary>Whitespace as Python's strip knows it.</summary>
    public static bool IsWhitespace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    public static int Count(JinjaRun run, JinjaString text) => Index(run, text, text.Length);

    /// <summary>How many characters are before a place in the string.</summary>
    public static int Index(JinjaRun run, JinjaString text, int offset)
    {
        run.ChargeLook(offset);
        if (!HasPairs(text.Text.AsSpan(0, offset)))
            return offset;
        int count = 0;
        for (int i = 0; i < offset; i += LengthAt(text.Text, i))
            count++;
        return count;
    }

    /// <summary>The place in the string that has so many characters before it, of which there are as many.</summary>
    public static int Offset(JinjaRun run, JinjaString text, int index)
    {
        run.ChargeLook(index);
        if (!HasPairs(text.Text.AsSpan(0, index)))
            return index;
        int offset = 0;
        for (int i = 0; i < index; i++)
            offset += LengthAt(text.Text, offset);
        return offset;
    }

    /// <summary>The text one character at a time.</summary>
    public static IEnumerable<JinjaString> Of(JinjaRun run, JinjaString text)
    {
        for (int i = 0; i < text.Length;)
        {
            int next = i + LengthAt(text.Text, i);
            yield return text.Slice(run, i, next);
            i = next;
        }
    }

    public static bool HasPairs(ReadOnlySpan<char> text) => text.IndexOfAnyInRange('\uD800', '\uDFFF') >= 0;

    public static int LengthBefore(string text, int end) =>
        end > 1 && char.IsLowSurrogate(text[end - 1]) && char.IsHighSurrogate(text[end - 2]) ? 2 : 1;

    public static int LengthAt(string text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;
}
