namespace KvNorm.KvCache.Eviction;

/// <summary>
/// Which sentence or line each logical token stands in, which tokens are punctuation that came before, and how rare their words are. A
/// span ends after a token with . ! ? or a line break in it, and after <see cref="MaximumSpan"/> tokens. What stands in the middle of a
/// word or number, as in 10.0.0.7 and 2024-05-06, is part of that: it ends no span, and is not said by others of its kind. What stands
/// right behind letters and digits with a digit among them is their end, which others of its kind do not say either.
/// </summary>
/// <param name="pieceOf">What the text of a token is.</param>
internal sealed class SpanMap(Func<int, TokenPiece> pieceOf)
{
    /// <summary>Longer sentences are cut, so that no single one can fill the cache.</summary>
    public const int MaximumSpan = 48;

    private const int MaximumJoint = 3; // tokens of punctuation in a row that a word may go across, as in ://

    private readonly List<int> _spans = [];
    private readonly List<TokenPiece> _pieces = []; // a word has a digit from its first one on
    private readonly List<bool> _repeats = []; // of each token: punctuation that came before and ends no word with a digit
    private readonly Dictionary<int, int> _punctuation = []; // where each came first
    private int _current, _length;

    /// <summary>Gets how rare the words of the tokens are.</summary>
    public WordRarity Words { get; } = new();

    /// <summary>The spans of the tokens so far, numbered from 0, never falling.</summary>
    public int this[int token] => _spans[token];

    /// <summary>
    /// Whether a token is punctuation or white space that came before in the conversation, and neither stands in a word nor ends one with
    /// a digit.
    /// </summary>
    public bool RepeatsPunctuation(int token) => _repeats[token] && !StandsInWord(token);

    public void Append(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            TokenPiece piece = pieceOf(token), last = _pieces is [.., var before] ? before : TokenPiece.None;
            Words.Append(token, piece);
            if (TokenPieces.GoesOn(last, piece))
                piece |= last & TokenPiece.Digit;
            if (_length == MaximumSpan || (_length > 0 && IsEnd(last, piece)))
                (_current, _length) = (_current + 1, 0);
            bool repeats = piece.HasFlag(TokenPiece.Punctuation) && !_punctuation.TryAdd(token, _spans.Count);
            _repeats.Add(repeats && !last.HasFlag(TokenPiece.Digit));
            _pieces.Add(piece);
            _spans.Add(_current);
            _length++;
        }
    }

    /// <summary>Drops the tokens from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        if (length == _spans.Count)
            return;
        Words.Truncate(length);
        _spans.RemoveRange(length, _spans.Count - length);
        _pieces.RemoveRange(length, _pieces.Count - length);
        _repeats.RemoveRange(length, _repeats.Count - length);
        foreach ((int token, int first) in _punctuation)
        {
            if (first >= length)
                _punctuation.Remove(token);
        }

        _current = length > 0 ? _spans[^1] : 0;
        _length = length - 1 - _spans.FindLastIndex(span => span != _current);
    }

    // Whether a span ends between two tokens.
    private static bool IsEnd(TokenPiece last, TokenPiece next) =>
        last.HasFlag(TokenPiece.EndsSpan) || (last.HasFlag(TokenPiece.MayEndSpan) && !next.HasFlag(TokenPiece.ContinuesWord));

    private bool StandsInWord(int token)
    {
        int before = token, after = token;
        while (token - before < MaximumJoint && Has(before, TokenPiece.JoinsWords))
            before--;
        while (after - token < MaximumJoint && Has(after, TokenPiece.JoinsWords))
            after++;
        return before < token && Has(before, TokenPiece.LeavesWordOpen) && Has(after, TokenPiece.ContinuesWord);
    }

    // No HasFlag: this is asked of every row, and where code is not optimised that makes two objects.
    private bool Has(int token, TokenPiece piece) => token >= 0 && token < _pieces.Count && (_pieces[token] & piece) == piece;
}
