using System.Text;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Recall;

/// <summary>
/// The words that texts are compared by: tokens, whatever their case and the space before them. Tokens without a letter or digit are none.
/// The vocabulary is looked through once, by <see cref="Load"/> or at the first use. Safe for concurrent use.
/// </summary>
/// <param name="count">Tokens of the vocabulary.</param>
/// <param name="bytesOf">The bytes of a token; none for a special one.</param>
internal sealed class TokenTerms(int count, Func<int, byte[]> bytesOf)
{
    /// <summary>What a token is that is no word.</summary>
    public const int None = -1;

    private const double CommonTokens = 1.0 / 160; // of a vocabulary: letters and the words that say nothing

    private readonly Lazy<Found> _found = new(() => Find(count, bytesOf));

    public static TokenTerms Of(LlamaVocabulary vocabulary) => new(vocabulary.Count, token => vocabulary.PieceBytes(token));

    /// <summary>The term that a token is; <see cref="None"/> for none.</summary>
    public int this[int token] => _found.Value.Terms[token];

    /// <summary>Looks through the vocabulary, which takes up to a quarter of a second for a large one.</summary>
    public void Load() => _ = _found.Value;

    /// <summary>
    /// How rare a term is in the text that the vocabulary was made of, 0 to 1. Tokens are numbered by how often they were seen there, and
    /// that goes by a power law: so the logarithm of the number tells a name from a "what", which a short conversation alone does not.
    /// </summary>
    public float Rarity(int term) => _found.Value.Rarities[term];

    private static Found Find(int count, Func<int, byte[]> bytesOf)
    {
        Dictionary<string, int> known = new(StringComparer.Ordinal);
        int[] terms = new int[count];
        List<float> rarities = [];
        for (int token = 0; token < count; token++)
        {
            if (TextOf(bytesOf(token)) is not { } text)
            {
                terms[token] = None;
                continue;
            }

            if (!known.TryGetValue(text, out terms[token]))
            {
                known[text] = terms[token] = rarities.Count;
                rarities.Add(RarityOf(token, count)); // of the most common token that is the term
            }
        }

        return new Found(terms, rarities);
    }

    private static string? TextOf(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes).Trim().ToLowerInvariant();
        if (text.Contains('\uFFFD', StringComparison.Ordinal))
            return Encoding.Latin1.GetString(bytes); // a part of a character, which counts by its bytes
        return text.Any(char.IsLetterOrDigit) ? text : null;
    }

    private static float RarityOf(int token, int count)
    {
        double common = Math.Max(1, count * CommonTokens);
        return (float)Math.Clamp(Math.Log((token + 1) / common) / Math.Log(Math.Max(2, count / common)), 0, 1);
    }

    /// <summary>What is known of a vocabulary.</summary>
    /// <param name="Terms">The term of each token.</param>
    /// <param name="Rarities">The rarity of each term.</param>
    private sealed record Found(int[] Terms, List<float> Rarities);
}
