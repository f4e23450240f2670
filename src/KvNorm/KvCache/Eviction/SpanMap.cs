using System.Buffers;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Eviction;

/// <summary>
/// Which sentence or line each logical token stands in. A span ends after a token with . ! ? or a line break in it, and after
/// <see cref="MaximumSpan"/> tokens.
/// </summary>
internal sealed class SpanMap(Func<int, bool> endsSpan)
{
    /// <summary>Longer sentences are cut, so that no single one can fill the cache.</summary>
    public const int MaximumSpan = 48;

    private static readonly SearchValues<byte> Ends = SearchValues.Create(".!?\n"u8);

    private readonly List<int> _spans = [];
    private int _current, _length;

    /// <summary>A map over a model's tokens; what ends a span is looked up once per token.</summary>
    public static SpanMap For(LlamaVocabulary vocabulary)
    {
        byte[] known = new byte[vocabulary.Count]; // 0 not looked at, 1 no, 2 yes
        byte[] piece = new byte[256];
        return new SpanMap(token =>
        {
            if (known[token] == 0)
            {
                int length = vocabulary.Piece(token, piece);
                known[token] = length > 0 && piece.AsSpan(0, length).ContainsAny(Ends) ? (byte)2 : (byte)1;
            }

            return known[token] == 2;
        });
    }

    /// <summary>The spans of the tokens so far, numbered from 0, never falling.</summary>
    public int this[int token] => _spans[token];

    public void Append(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
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
        _length = _spans.Count - 1 - _spans.FindLastIndex(span => span != _current);
    }
}
