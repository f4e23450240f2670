namespace KvNorm.Chat.Replies;

/// <summary>
/// Where in a text a call without marks may begin: at a bracket or a fence of code, but not within brackets that were none.
/// </summary>
internal sealed class BareCallStarts
{
    private static readonly MarkFinder Openers = new(["{", "[", "```"]);

    private Brackets _passed = new("\"");

    /// <summary>The first such place; null for none.</summary>
    public int? First(ReadOnlySpan<char> text)
    {
        Brackets passed = _passed; // a copy: the text is not said yet
        int inside = Inside(ref passed, text);
        return Openers.First(text[inside..]) is { } found ? inside + found.At : null;
    }

    /// <summary>The length of what may become such a place at the end of a text.</summary>
    public int HeldLength(ReadOnlySpan<char> text)
    {
        Brackets passed = _passed;
        int inside = Inside(ref passed, text);
        return passed.IsOpen ? 0 : Openers.HeldLength(text[inside..]);
    }

    /// <summary>How long the bracket or fence at the beginning of a text is.</summary>
    public static int Length(ReadOnlySpan<char> text) => text[0] == '`' ? 3 : 1;

    /// <summary>Text was said.</summary>
    public void Said(ReadOnlySpan<char> text) => Inside(ref _passed, text);

    /// <summary>No call begins at this bracket or fence.</summary>
    public void Reject(ReadOnlySpan<char> opener)
    {
        if (opener.Length == 1)
            _passed.Take(opener[0]);
    }

    private static int Inside(ref Brackets brackets, ReadOnlySpan<char> text)
    {
        int at = 0;
        while (brackets.IsOpen && at < text.Length)
            brackets.Take(text[at++]);
        return at;
    }
}
