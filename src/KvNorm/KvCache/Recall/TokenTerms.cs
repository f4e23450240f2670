using System.Text;
using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Recall;

/// <summary>
/// The words that texts are compared by: tokens, whatever their case and the space before them, but numbers as a whole
/// (<see cref="Identifier"/>). Tokens without a letter or digit are none.
/// The vocabulary is looked through once, by <see cref="Load"/> or at the first use. Safe for concurrent use.
/// </summary>
/// <param name="count">Tokens of the vocabulary.</param>
/// <param name="bytesOf">The bytes of a token; none for a special one.</param>
internal sealed class TokenTerms(int count, Func<int, byte[]> bytesOf)
{
    /// <summary>What a token is that is no word.</summary>
    public const int None = -1;

    private const double CommonTokens = 1.0 / 160; // of a vocabulary: letters and the words that say nothing
    private const int MaximumIdentifier = 40; // characters: some more than a UUID has

    // Where one in 200 words is a number of so many digits, each of these is seen as often as the token whose number is 16 times as large
    // as there are of them, by the power law below.
    private const double IdentifierRank = 16;

    private readonly Lazy<Found> _found = new(() => Look(count, bytesOf));
    private readonly TokenPieces _pieces = new(count, bytesOf);

    public static TokenTerms Of(LlamaVocabulary vocabulary) => new(vocabulary.Count, token => vocabulary.PieceBytes(token));

    /// <summary>Gets the number of tokens, which no term of one reaches.</summary>
    public int Count => count;

    /// <summary>The term that a token is; <see cref="None"/> for none.</summary>
    public int this[int token] => _found.Value.Terms[token];

    /// <summary>Looks through the vocabulary, which takes up to a quarter of a second for a large one.</summary>
    public void Load() => _ = _found.Value;

    /// <summary>
    /// How rare a term is in the text that the vocabulary was made of, 0 to 1. Tokens are numbered by how often they were seen there, and
    /// that goes by a power law: so the logarithm of the number tells a name from a "what", which a short conversation alone does not.
    /// </summary>
    public float Rarity(int term) => _found.Value.Rarities[term];

    /// <summary>How rare an identifier is: by how many of so many characters there are.</summary>
    public float Rarity(string identifier)
    {
        int values = identifier.All(char.IsAsciiDigit) ? 10 : 36; // digits, letters
        return RarityOf(IdentifierRank * Math.Pow(values, identifier.Length), count);
    }

    /// <summary>
    /// What a word with a digit in it says up to a token that is not its first: digits are tokens of their own, or few together, and say
    /// nothing one by one. Null where the token belongs to no such word; one that is very long is cut.
    /// </summary>
    /// <param name="before">What the word says up to the token before; null where it has no digit, or no second token, up to there.</param>
    /// <param name="last">The token before.</param>
    /// <param name="token">The token.</param>
    public string? Identifier(string? before, int last, int token)
    {
        if (!TokenPieces.GoesOn(_pieces[last], _pieces[token]))
            return null;
        if (before is null && (this[last] == None || !(_pieces[last] | _pieces[token]).HasFlag(TokenPiece.Digit)))
            return null; // an accent by itself is no word
        string whole = (before ?? TextOf(bytesOf(last))) + TextOf(bytesOf(token));
        return whole.Length <= MaximumIdentifier ? whole : null;
    }

    /// <summary>The term of a text with a digit; <see cref="None"/> where it is no token.</summary>
    public int Find(string identifier) => _found.Value.WithDigits.GetValueOrDefault(identifier, None);

    private static Found Look(int count, Func<int, byte[]> bytesOf)
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

        Dictionary<string, int> withDigits = known.Where(static one => one.Key.Any(char.IsDigit)).ToDictionary(StringComparer.Ordinal);
        return new Found(terms, rarities, withDigits);
    }

    private static string? TextOf(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes).Trim().ToLowerInvariant();
        if (text.Contains('\uFFFD', StringComparison.Ordinal))
            return Encoding.Latin1.GetString(bytes); // a part of a character, which counts by its bytes
        return text.Any(char.IsLetterOrDigit) ? text : null;
    }

    private static float RarityOf(double token, int count)
    {
        double common = Math.Max(1, count * CommonTokens);
        return (float)Math.Clamp(Math.Log((token + 1) / common) / Math.Log(Math.Max(2, count / common)), 0, 1);
    }

    /// <summary>What is known of a vocabulary.</summary>
    /// <param name="Terms">The term of each token.</param>
    /// <param name="Rarities">The rarity of each term.</param>
    /// <param name="WithDigits">The terms whose text has a digit.</param>
    private sealed record Found(int[] Terms, List<float> Rarities, Dictionary<string, int> WithDigits);
}
