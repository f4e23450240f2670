namespace KvNorm.Chat.Replies;

/// <summary>Counts the brackets of text that comes letter by letter, but for those in its strings. A copy counts for itself.</summary>
/// <param name="quotes">The letters that begin and end a string.</param>
internal struct Brackets(string quotes)
{
    private int _depth;
    private char _quote; // of the string that the text is in; 0 for none
    private bool _escaped;

    /// <summary>Gets whether the text so far ends in a string.</summary>
    public readonly bool InString => _quote != '\0';

    /// <summary>Gets whether a bracket is open.</summary>
    public readonly bool IsOpen => _depth > 0;

    /// <summary>Takes a letter.</summary>
    /// <returns>Whether no bracket is open after it, and it stands in no string.</returns>
    public bool Take(char letter)
    {
        if (InString)
            Quoted(letter);
        else if (quotes.Contains(letter, StringComparison.Ordinal))
            _quote = letter;
        else
            _depth = Math.Max(0, _depth + (letter is '{' or '[' or '(' ? 1 : letter is '}' or ']' or ')' ? -1 : 0));
        return _depth == 0 && !InString;
    }

    private void Quoted(char letter)
    {
        if (_escaped)
            _escaped = false;
        else if (letter == '\\')
            _escaped = true;
        else if (letter == _quote)
            _quote = '\0';
    }
}
