using System.Runtime.InteropServices;

namespace KvNorm.KvCache.Eviction;

/// <summary>
/// How rare the words of a conversation are in it: the self-information of every token, taken together with what of its word stands
/// before it, among all that was said. So a long number is as rare as the whole of it, though its digits are not; and what was counted
/// stays right when a word goes on.
/// </summary>
internal sealed class WordRarity
{
    private const double Epsilon = 1e-9; // of the variance: words that are all as rare as each other

    private const int NoWord = 0; // punctuation and special tokens, which count as the most common of all

    private readonly Dictionary<(int Before, int Token), int> _beginnings = []; // of words, numbered from 1 as they come
    private readonly List<int> _ends = []; // the beginning that ends with each token
    private readonly List<bool> _open = []; // whether the word of each token may go on
    private int[] _counts = []; // of each beginning; grows with the conversation
    private double[] _rarities = []; // of each beginning, standardised over the tokens

    /// <summary>Adds the next token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="piece">What its text is.</param>
    public void Append(int token, TokenPiece piece)
    {
        bool goesOn = piece.HasFlag(TokenPiece.ContinuesWord) && _open is [.., true];
        _ends.Add(piece.HasFlag(TokenPiece.Word) ? Beginning(goesOn ? _ends[^1] : NoWord, token) : NoWord);
        _open.Add(piece.HasFlag(TokenPiece.LeavesWordOpen));
    }

    /// <summary>Drops the tokens from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        _ends.RemoveRange(length, _ends.Count - length);
        _open.RemoveRange(length, _open.Count - length);
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

    private int Beginning(int before, int token)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_beginnings, (before, token), out bool known);
        if (!known)
            number = _beginnings.Count;
        return number;
    }
}
