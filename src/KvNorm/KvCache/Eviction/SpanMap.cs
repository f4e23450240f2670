using System.Buffers;
using System.Text;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Eviction;

/// <summary>
/// Which sentence or line each logical token stands in, and which tokens are punctuation that came before. A span ends after a token with
/// . ! ? or a line break in it, and after <see cref="MaximumSpan"/> tokens.
/// </summary>
/// <param name="endsSpan">Whether a token ends a span.</param>
/// <param name="isPunctuation">Whether a token is text without a letter or digit; null for none.</param>
internal sealed class SpanMap(Func<int, bool> endsSpan, Func<int, bool>? isPunctuation = null)
{
    /// <summary>Longer sentences are cut, so that no single one can fill the cache.</summary>
    public const int MaximumSpan = 48;

    private static readonly SearchValues<byte> Ends = SearchValues.Create(".!?\n"u8);

    private readonly List<int> _spans = [];
    private readonly List<bool> _repeats = []; // of each token: punctuation that came before
    private readonly Dictionary<int, int> _punctuation = []; // where each came first
    private int _current, _length;

    [Flags]
    private enum Piece : byte
    {
        None = 0,
        Known = 1, // looked at
        EndsSpan = 2,
        Punctuation = 4,
    }

    /// <summary>A map over a model's tokens, each of which is looked at once.</summary>
    public static SpanMap For(LlamaVocabulary vocabulary)
    {
        Piece[] known = new Piece[vocabulary.Count];
        return new SpanMap(token => Is(token, Piece.EndsSpan), token => Is(token, Piece.Punctuation));

        bool Is(int token, Piece piece)
        {
            if (known[token] == Piece.None)
                known[token] = Piece.Known | Look(vocabulary.PieceBytes(token));
            return known[token].HasFlag(piece);
        }
    }

    /// <summary>The spans of the tokens so far, numbered from 0, never falling.</summary>
    public int this[int token] => _spans[token];

    /// <summary>Whether a token is punctuation or white space that came before in the conversation.</summary>
    public bool RepeatsPunctuation(int token) => _repeats[token];

    public void Append(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            _repeats.Add(isPunctuation?.Invoke(token) == true && !_punctuation.TryAdd(token, _spans.Count));
            _spans.Add(_current);
            if (++_length >= MaximumSpan || endsSpan(token))
                (_current, _length) = (_current + 1, 0);
        }
    }

    /// <summary>Drops the tokens from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        if (length == _spans.Count)
            return;
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

    private static Piece Look(ReadOnlySpan<byte> bytes)
    {
        Piece piece = bytes.ContainsAny(Ends) ? Piece.EndsSpan : Piece.None;
        for (ReadOnlySpan<byte> rest = bytes; rest.Length > 0;)
        {
            // A part of a character may be one of a letter.
            if (Rune.DecodeFromUtf8(rest, out Rune rune, out int length) != OperationStatus.Done || Rune.IsLetterOrDigit(rune))
                return piece;
            rest = rest[length..];
        }

        return bytes.IsEmpty ? piece : piece | Piece.Punctuation; // special tokens have no bytes
    }
}
