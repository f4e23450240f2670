using System.Runtime.InteropServices;

namespace KvNorm.KvCache.Eviction;

/// <summary>
/// How rare the words of a conversation are in it: the self-information of every token, taken together with what of its word stands
/// before it, among all that was said. So a long number is as rare as the whole of it, though its digits are not; and what was counted
/// stays right when a word goes on. In running text the words said most often say least, such as "the"; where such words are missing, as in
/// a list, what is said most often is what the text is about, and <see cref="Weight"/> takes rarity back.
/// </summary>
internal sealed class WordRarity
{
    private const double Epsilon = 1e-9; // of the variance: words that are all as rare as each other

    // Words common in the language, as a share of all: at most a seventh in lists of words, made-up ones or not, more than a third where
    // there are sentences (measured, docs/experiments.md).
    private const double FewCommon = 0.15, EnoughCommon = 0.25;

    private const int NoWord = 0; // punctuation and special tokens, which count as the most common of all

    private readonly Dictionary<(int Before, int Token), int> _beginnings = []; // of words, numbered from 1 as they come
    private readonly List<int> _ends = []; // the beginning that ends with each token
    private readonly List<TokenPiece> _pieces = []; // of each token
    private int[] _counts = []; // of each beginning; grows with the conversation
    private double[] _rarities = []; // of each beginning, standardised over the tokens

    /// <summary>Adds the next token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="piece">What its text is.</param>
    public void Append(int token, TokenPiece piece)
    {
        bool goesOn = _pieces is [.., var last] && TokenPieces.GoesOn(last, piece);
        _ends.Add(piece.HasFlag(TokenPiece.Word) ? Beginning(goesOn ? _ends[^1] : NoWord, token) : NoWord);
        _pieces.Add(piece);
    }

    /// <summary>Drops the tokens from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        _ends.RemoveRange(length, _ends.Count - length);
        _pieces.RemoveRange(length, _pieces.Count - length);
        if (length == 0)
        {
            _beginnings.Clear();
            return;
        }

        int last = _ends.Max();
        foreach ((var beginning, int number) in _beginnings)
        {
            if (number > last)
                _beginnings.Remove(beginning);
        }
    }

    /// <summary>Gets how far rarity counts, when it was last counted: 1 in running text, 0 in lists of words.</summary>
    public double Weight { get; private set; } = 1;

    /// <summary>Computes the rarities of the first tokens.</summary>
    /// <param name="length">Tokens that count.</param>
    public void Count(int length)
    {
        int numbers = _beginnings.Count + 1;
        if (_counts.Length < numbers)
            (_counts, _rarities) = (new int[2 * numbers], new double[2 * numbers]);
        Span<int> counts = _counts.AsSpan(0, numbers);
        counts.Clear();
        int most = 1;
        for (int token = 0; token < length; token++)
        {
            int count = ++counts[_ends[token]];
            if (_ends[token] != NoWord)
                most = Math.Max(most, count);
        }

        Weight = WeightOf(CollectionsMarshal.AsSpan(_pieces)[..length]);
        double sum = 0, squares = 0;
        for (int number = 0; number < numbers; number++)
        {
            double rarity = -Math.Log(number == NoWord ? most : Math.Max(1, counts[number]));
            _rarities[number] = rarity;
            sum += counts[number] * rarity;
            squares += counts[number] * rarity * rarity;
        }

        double mean = sum / Math.Max(1, length), variance = (squares / Math.Max(1, length)) - (mean * mean);
        double scale = variance > Epsilon ? 1 / Math.Sqrt(variance) : 0;
        for (int number = 0; number < numbers; number++)
            _rarities[number] = (_rarities[number] - mean) * scale;
    }

    /// <summary>
    /// The rarity of a token when it was last counted, in standard deviations above the mean of all tokens that were.
    /// </summary>
    public double this[int token] => _rarities[_ends[token]];

    // Writing without spaces between words has no words to count, so there rarity counts in full.
    private static double WeightOf(ReadOnlySpan<TokenPiece> pieces)
    {
        int spaced = 0, unspaced = 0, common = 0;
        for (int token = 0; token < pieces.Length; token++)
        {
            TokenPiece piece = pieces[token]; // no HasFlag, which boxes where code is not optimised
            if ((piece & TokenPiece.Word) == TokenPiece.None || (token > 0 && TokenPieces.GoesOn(pieces[token - 1], piece)))
                continue;
            if ((piece & TokenPiece.LeavesWordOpen) == TokenPiece.None)
            {
                unspaced++;
                continue;
            }

            spaced++;
            bool isWhole = token + 1 == pieces.Length || !TokenPieces.GoesOn(piece, pieces[token + 1]);
            if (isWhole && (piece & TokenPiece.Common) != TokenPiece.None)
                common++;
        }

        if (spaced == 0 || unspaced > spaced)
            return 1;
        double share = common / (double)spaced;
        return Math.Clamp((share - FewCommon) / (EnoughCommon - FewCommon), 0, 1);
    }

    private int Beginning(int before, int token)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_beginnings, (before, token), out bool known);
        if (!known)
            number = _beginnings.Count;
        return number;
    }
}
