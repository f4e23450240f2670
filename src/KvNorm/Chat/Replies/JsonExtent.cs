namespace KvNorm.Chat.Replies;

/// <summary>Finds the end of what stands in brackets, such as a JSON object, and comes in pieces; looks at every character once.</summary>
/// <param name="breaks">Marks that cannot stand outside its strings: an object that meets one is broken there.</param>
/// <param name="quotes">The letters that begin and end a string.</param>
internal sealed class JsonExtent(MarkFinder breaks, string quotes = "\"")
{
    private Brackets _brackets = new(quotes);
    private int _at;
    private int? _end;

    /// <summary>The length of what the brackets at the beginning of a text hold; null while it goes on.</summary>
    /// <param name="text">The text so far: what was given before, and more.</param>
    public int? End(ReadOnlySpan<char> text)
    {
        for (; _end is null && _at < text.Length; _at++)
        {
            bool? broken = _brackets.InString ? false : breaks.Begins(text[_at..]);
            if (broken is null)
                return null;
            if (broken.Value)
                _end = _at;
            else if (_brackets.Take(text[_at]))
                _end = _at + 1;
        }

        return _end;
    }
}
