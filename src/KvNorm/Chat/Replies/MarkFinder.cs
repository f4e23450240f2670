namespace KvNorm.Chat.Replies;

/// <summary>Finds marks in text of which more may come.</summary>
internal sealed class MarkFinder(IEnumerable<string> marks)
{
    private readonly string[] _marks = [.. marks.Distinct(StringComparer.Ordinal)];

    /// <summary>Gets whether there is nothing to find.</summary>
    public bool IsEmpty => _marks.Length == 0;

    /// <summary>The mark that is complete first, and of those the longest: the same one however the text is cut into pieces.</summary>
    /// <returns>The mark and where it begins; null when none is complete.</returns>
    public (string Mark, int At)? First(ReadOnlySpan<char> text)
    {
        (string Mark, int At)? first = null;
        foreach (string mark in _marks)
        {
            int at = text.IndexOf(mark, StringComparison.Ordinal);
            if (at >= 0 && (first is not { } best || IsBefore(mark, at, best.Mark, best.At)))
                first = (mark, at);
        }

        return first;
    }

    /// <summary>The length of the longest beginning of a mark that the text ends with.</summary>
    public int HeldLength(ReadOnlySpan<char> text)
    {
        int longest = 0;
        foreach (string mark in _marks)
            longest = Math.Max(longest, Overlap(text, mark));
        return longest;
    }

    /// <summary>What stands at the beginning of a text: a mark (true), none (false), or what may become one (null).</summary>
    public bool? Begins(ReadOnlySpan<char> text)
    {
        bool? answer = false;
        foreach (string mark in _marks)
        {
            if (text.StartsWith(mark, StringComparison.Ordinal))
                return true;
            if (mark.AsSpan().StartsWith(text, StringComparison.Ordinal))
                answer = null;
        }

        return answer;
    }

    private static bool IsBefore(string mark, int at, string other, int otherAt)
    {
        int end = at + mark.Length, otherEnd = otherAt + other.Length;
        return end < otherEnd || (end == otherEnd && at < otherAt);
    }

    private static int Overlap(ReadOnlySpan<char> text, string mark)
    {
        int length = Math.Min(mark.Length - 1, text.Length);
        while (length > 0 && !text[^length..].SequenceEqual(mark.AsSpan(0, length)))
            length--;
        return length;
    }
}
