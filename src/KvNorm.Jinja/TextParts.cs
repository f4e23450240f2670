namespace KvNorm.Jinja;

/// <summary>Cuts, joins and rewrites texts; every character keeps its provenance.</summary>
internal static class TextParts
{
    /// <summary>Without the characters of a set (whitespace if there is none) at its ends.</summary>
    public static JinjaString Strip(JinjaRun run, JinjaString text, JinjaString? set, bool left, bool right)
    {
        run.ChargeSet(text.Length, set?.Length ?? 1);
        int start = 0, end = text.Length;
        while (left && start < end && start + Characters.LengthAt(text.Text, start) is var next && Belongs(start, next))
            start = next;
        while (right && start < end && end - Characters.LengthBefore(text.Text, end) is var last && Belongs(last, end))
            end = last;
        return text.Slice(run, start, end);

        bool Belongs(int from, int to) => set is null
            ? Characters.IsWhitespace(text.Text[from])
            : set.Text.AsSpan().IndexOf(text.Text.AsSpan(from..to)) >= 0;
    }

    public static JinjaString Replace(JinjaRun run, JinjaString text, JinjaString old, JinjaString replacement, int count)
    {
        long left = count < 0 ? long.MaxValue : count;
        run.ChargeSearch(text.Length, old.Length);
        JinjaStringBuilder result = new(run);
        int start = 0;
        for (int from = 0; left > 0 && from <= text.Length; left--)
        {
            int at = text.Text.IndexOf(old.Text, from, StringComparison.Ordinal);
            if (at < 0)
                break;
            result.Append(text, start, at);
            result.Append(replacement);
            run.Charge(1);
            start = at + old.Length;
            // An empty text is found before every character and at the end.
            from = old.Length > 0 ? start : at < text.Length ? at + Characters.LengthAt(text.Text, at) : at + 1;
        }

        if (start == 0 && result.Length == 0)
            return text;
        result.Append(text, start, text.Length);
        return result.ToJinjaString();
    }

    public static JinjaList Split(JinjaRun run, JinjaString text, JinjaString? separator, int limit, bool fromRight)
    {
        long left = limit < 0 ? long.MaxValue : limit;
        if (separator is { Length: 0 })
            throw run.Fail("split needs a separator that is not empty");
        run.ChargeSearch(text.Length, separator?.Length ?? 1);
        List<object?> parts = separator is null
            ? fromRight ? WordsFromRight(run, text, left) : Words(run, text, left)
            : fromRight ? PartsFromRight(run, text, separator, left) : Parts(run, text, separator, left);
        return new JinjaList(parts);
    }

    public static JinjaList Lines(JinjaRun run, JinjaString text, bool keepEnds)
    {
        run.ChargeSearch(text.Length, 1);
        List<object?> lines = [];
        for (int start = 0; start < text.Length;)
        {
            int length = text.Text.AsSpan(start).IndexOfAny('\n', '\r');
            int end = length < 0 ? text.Length : start + length;
            int next = Math.Min(text.Length, end + (string.CompareOrdinal(text.Text, end, "\r\n", 0, 2) == 0 ? 2 : 1));
            Add(run, lines, text, start, keepEnds ? next : end);
            start = next;
        }

        return new JinjaList(lines);
    }

    public static JinjaString Join(JinjaRun run, JinjaString separator, IEnumerable<object?> items)
    {
        JinjaStringBuilder joined = new(run);
        bool first = true;
        foreach (object? item in items)
        {
            run.Charge(1);
            if (!first)
                joined.Append(separator);
            joined.Append(ValueText.Of(run, item));
            first = false;
        }

        return joined.ToJinjaString();
    }

    /// <summary>The first character of each word in upper case, the others in lower case.</summary>
    /// <param name="run">The render.</param>
    /// <param name="text">The text.</param>
    /// <param name="belongs">Whether a character belongs to a word.</param>
    public static JinjaString Title(JinjaRun run, JinjaString text, Func<char, bool> belongs)
    {
        run.ChargeText(text.Length, text.Length);
        bool inWord = false;
        return text.Mapped(string.Create(text.Length, text.Text, (target, source) =>
        {
            for (int i = 0; i < source.Length; i++)
            {
                target[i] = inWord ? char.ToLowerInvariant(source[i]) : char.ToUpperInvariant(source[i]);
                inWord = belongs(source[i]);
            }
        }));
    }

    // Checked and charged item by item: the list of a text's parts may need many times the memory of the text.
    private static void Add(JinjaRun run, List<object?> parts, JinjaString text, int start, int end)
    {
        run.ChargeItem(parts.Count);
        parts.Add(text.Slice(run, start, end));
    }

    private static List<object?> Parts(JinjaRun run, JinjaString text, JinjaString separator, long left)
    {
        List<object?> parts = [];
        int start = 0;
        for (int at; left > 0 && (at = text.Text.IndexOf(separator.Text, start, StringComparison.Ordinal)) >= 0; left--)
        {
            Add(run, parts, text, start, at);
            start = at + separator.Length;
        }

        Add(run, parts, text, start, text.Length);
        return parts;
    }

    private static List<object?> PartsFromRight(JinjaRun run, JinjaString text, JinjaString separator, long left)
    {
        List<object?> parts = [];
        int end = text.Length;
        for (int at; left > 0 && (at = text.Text.AsSpan(0, end).LastIndexOf(separator.Text)) >= 0; left--)
        {
            Add(run, parts, text, at + separator.Length, end);
            end = at;
        }

        Add(run, parts, text, 0, end);
        parts.Reverse();
        return parts;
    }

    private static List<object?> Words(JinjaRun run, JinjaString text, long left)
    {
        List<object?> parts = [];
        int at = 0;
        while (true)
        {
            while (at < text.Length && Characters.IsWhitespace(text.Text[at]))
                at++;
            if (at == text.Length)
                return parts;
            int start = at;
            while (at < text.Length && (left == 0 || !Characters.IsWhitespace(text.Text[at])))
                at++;
            Add(run, parts, text, start, at);
            left--;
        }
    }

    private static List<object?> WordsFromRight(JinjaRun run, JinjaString text, long left)
    {
        List<object?> parts = [];
        int at = text.Length;
        while (true)
        {
            while (at > 0 && Characters.IsWhitespace(text.Text[at - 1]))
                at--;
            if (at == 0)
                break;
            int end = at;
            while (at > 0 && (left == 0 || !Characters.IsWhitespace(text.Text[at - 1])))
                at--;
            Add(run, parts, text, at, end);
            left--;
        }

        parts.Reverse();
        return parts;
    }
}
