namespace KvNorm.KvCache.Eviction;

/// <summary>
/// Which sentence or line each logical token stands in, which tokens are punctuation that came before, and how rare their words are. A
/// span ends after a token with . ! ? or a line break in it, and after <see cref="MaximumSpan"/> tokens.
/// </summary>
/// <param name="pieceOf">What the text of a token is.</param>
internal sealed class SpanMap(Func<int, TokenPiece> pieceOf)
{
    /// <summary>Longer sentences are cut, so that no single one can fill the cache.</summary>
    public const int MaximumSpan = 48;

    private readonly List<int> _spans = [];
    private readonly List<bool> _repeats = []; // of each token: punctuation that came before
    private readonly Dictionary<int, int> _punctuation = []; // where each came first
    private int _current, _length;

    /// <summary>Gets how rare the words of the tokens are.</summary>
    public WordRarity Words { get; } = new();

    /// <summary>The spans of the tokens so far, numbered from 0, never falling.</summary>
    public int this[int token] => _spans[token];

    /// <summary>Whether a token is punctuation or white space that came before in the conversation.</summary>
    public bool RepeatsPunctuation(int token) => _repeats[token];

    public void Append(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            TokenPiece piece = pieceOf(token);
            Words.Append(token, piece);
            _repeats.Add(piece.HasFlag(TokenPiece.Punctuation) && !_punctuation.TryAdd(token, _spans.Count));
            _spans.Add(_current);
            if (++_length >= MaximumSpan || piece.HasFlag(TokenPiece.EndsSpan))
                (_current, _length) = (_current + 1, 0);
        }
    }

    /// <summary>Drops the tokens from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        if (length == _spans.Count)
            return;
        Words.Truncate(length);
        _current = _spans[length];
        _spans.RemoveRange(length, _spans.Count - length);
        _repeats.RemoveRange(length, _repeats.Count - length);
        foreach ((int token, int first) in _punctuation)
        {
            if (first >= length)
                _punctuation.Remove(token);
        }

        _length = _spans.Count - 1 - _spans.FindLastIndex(span => span != _current);
    }
}
