namespace KvNorm.Jinja;

/// <summary>Characters as templates count them: code points, where a pair of surrogates is one.</summary>
internal static class Characters
{
    /// <summary>Whitespace as Python's strip knows it.</summary>
    public static bool IsWhitespace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    public static int Count(JinjaRun run, JinjaString text)
    {
        run.ChargeLook(text.Length);
        if (!HasPairs(text.Text))
            return text.Length;
        int count = 0;
        for (int i = 0; i < text.Length; i += LengthAt(text.Text, i))
            count++;
        return count;
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

    public static bool HasPairs(string text) => text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0;

    public static int LengthAt(string text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;
}
