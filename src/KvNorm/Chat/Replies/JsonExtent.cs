namespace KvNorm.Chat.Replies;

/// <summary>Finds the end of a JSON object that comes in pieces, without looking at a character twice.</summary>
/// <param name="breaks">Marks that cannot stand in JSON outside its strings: an object that meets one is broken there.</param>
internal sealed class JsonExtent(MarkFinder breaks)
{
    private int _at, _depth;
    private bool _inString, _escaped;

    /// <summary>The length of the object at the beginning of a text; null while it goes on.</summary>
    /// <param name="text">The text so far: what was given before, and more.</param>
    public int? End(ReadOnlySpan<char> text)
    {
        for (; _at < text.Length; _at++)
        {
            if (_inString)
            {
                Quoted(text[_at]);
                continue;
            }

            bool? broken = breaks.Begins(text[_at..]);
            if (broken is null)
                return null;
            if (broken.Value)
                return _at;
            if (Closes(text[_at]))
                return ++_at;
        }

        return null;
    }

    private void Quoted(char letter)
    {
        if (_escaped)
            _escaped = false;
        else if (letter == '\\')
            _escaped = true;
        else
            _inString = letter != '"';
    }

    private bool Closes(char letter)
    {
        _inString = letter == '"';
        _depth += letter is '{' or '[' ? 1 : letter is '}' or ']' ? -1 : 0;
        return _depth == 0;
    }
}
