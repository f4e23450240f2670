using System.Text;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Recall;

/// <summary>
/// The words that texts are compared by: tokens, whatever their case and the space before them. Tokens without a letter or digit are none.
/// The vocabulary is looked through at the first use. Not safe for concurrent use.
/// </summary>
/// <param name="count">Tokens of the vocabulary.</param>
/// <param name="bytesOf">The bytes of a token; none for a special one.</param>
internal sealed class TokenTerms(int count, Func<int, byte[]> bytesOf)
{
    /// <summary>What a token is that is no word.</summary>
    public const int None = -1;

    private const double CommonTokens = 1.0 / 160; // of a vocabulary: letters and the words that say nothing

    private readonly List<float> _rarities = []; // of each term
    private int[]? _terms; // of each token

    public static TokenTerms Of(LlamaVocabulary vocabulary) => new(vocabulary.Count, token => vocabulary.PieceBytes(token));

    /// <summary>The term that a token is; <see cref="None"/> for none.</summary>
    public int this[int token] => (_terms ??= Find())[token];

    /// <summary>
    /// How rare a term is in the text that the vocabulary was made of, 0 to 1. Tokens are numbered by how often they were seen there, and
    /// that goes by a power law: so the logarithm of the number tells a name from a "what", which a short conversation alone does not.
    /// </summary>
    public float Rarity(int term) => _rarities[term];

    private int[] Find()
    {
        Dictionary<string, int> known = new(StringComparer.Ordinal);
        int[] terms = new int[count];
        for (int token = 0; token < count; token++)
        {
            if (TextOf(token) is not { } text)
            {
                terms[token] = None;
                continue;
            }

            if (!known.TryGetValue(text, out terms[token]))
            {
                known[text] = terms[token] = _rarities.Count;
                _rarities.Add(RarityOf(token)); // of the most common token that is the term
            }
        }

        return terms;
    }

    private string? TextOf(int token)
    {
        byte[] bytes = bytesOf(token);
        string text = Encoding.UTF8.GetString(bytes).Trim().ToLowerInvariant();
        if (text.Contains('\uFFFD', StringComparison.Ordinal))
            return Encoding.Latin1.GetString(bytes); // a part of a character, which counts by its bytes
        return text.Any(char.IsLetterOrDigit) ? text : null;
    }

    private float RarityOf(int token)
    {
        double common = Math.Max(1, count * CommonTokens);
        return (float)Math.Clamp(Math.Log((token + 1) / common) / Math.Log(Math.Max(2, count / common)), 0, 1);
    }
}
