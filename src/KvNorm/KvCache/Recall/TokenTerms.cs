using System.Text;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Recall;

/// <summary>
/// The words that texts are compared by: tokens, whatever their case and the space before them. Tokens without a letter or digit are none.
/// What a token is is looked up once. Not safe for concurrent use.
/// </summary>
/// <param name="count">Tokens of the vocabulary.</param>
/// <param name="bytesOf">The bytes of a token; none for a special one.</param>
internal sealed class TokenTerms(int count, Func<int, byte[]> bytesOf)
{
    /// <summary>What a token is that is no word.</summary>
    public const int None = -1;

    private const int Unknown = 0; // not looked up yet; the terms count from 1

    private readonly Dictionary<string, int> _terms = new(StringComparer.Ordinal);
    private int[] _known = []; // (tokens of the vocabulary), from the first use on

    public static TokenTerms Of(LlamaVocabulary vocabulary) => new(vocabulary.Count, token => vocabulary.PieceBytes(token));

    /// <summary>The term that a token is; <see cref="None"/> for none.</summary>
    public int this[int token]
    {
        get
        {
            if (_known.Length == 0)
                _known = new int[count];
            if (_known[token] == Unknown)
                _known[token] = Find(token);
            return _known[token];
        }
    }

    private int Find(int token)
    {
        byte[] bytes = bytesOf(token);
        string text = Encoding.UTF8.GetString(bytes).Trim().ToLowerInvariant();
        if (text.Contains('\uFFFD', StringComparison.Ordinal))
            text = Encoding.Latin1.GetString(bytes); // a part of a character, which counts by its bytes
        else if (!text.Any(char.IsLetterOrDigit))
            return None;
        if (!_terms.TryGetValue(text, out int term))
            _terms[text] = term = _terms.Count + 1;
        return term;
    }
}
