using System.Numerics.Tensors;

namespace KvNorm.KvCache.Scoring;

/// <summary>
/// What a head's rows were given when they were last scored, by their tokens: attention that was seen once is not seen again.
/// </summary>
internal sealed class TokenScores
{
    private const double MaximumScore = 1e9; // more attention than any conversation pays

    private const int MaximumTokens = ScorerStatistics.MaximumNumbers / 2; // a token and its score each

    private int[] _tokens = [];   // the first (count), ascending; both grow to the largest eviction
    private float[] _scores = []; // (count)
    private int _count;

    /// <summary>Gets whether nothing was scored yet.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Takes up what <see cref="ToNumbers"/> gave, or what a file says it did: finite numbers.</summary>
    public static TokenScores From(ReadOnlySpan<double> numbers)
    {
        int count = numbers.Length / 2;
        TokenScores scores = new() { _tokens = new int[count], _scores = new float[count], _count = count };
        for (int i = 0; i < count; i++)
        {
            scores._tokens[i] = (int)Math.Clamp(numbers[2 * i], 0, int.MaxValue);
            scores._scores[i] = (float)Math.Clamp(numbers[(2 * i) + 1], -MaximumScore, MaximumScore);
        }

        return scores;
    }

    /// <summary>Adds to each row what its token was given; nothing to one that was not there.</summary>
    /// <param name="tokens">(rows), ascending.</param>
    /// <param name="scores">(rows), changed in place.</param>
    public void AddTo(ReadOnlySpan<int> tokens, Span<float> scores)
    {
        int known = 0;
        for (int row = 0; row < tokens.Length; row++)
        {
            while (known < _count && _tokens[known] < tokens[row])
                known++;
            if (known < _count && _tokens[known] == tokens[row])
                scores[row] += _scores[known];
        }
    }

    /// <summary>
    /// Gives rows of tokens after the last one that was scored as much as the best of the others has: of them nothing is known, and they
    /// are the latest.
    /// </summary>
    /// <param name="tokens">(rows), ascending.</param>
    /// <param name="scores">(rows), changed in place.</param>
    public void Favour(ReadOnlySpan<int> tokens, Span<float> scores)
    {
        int known = tokens.Length;
        while (known > 0 && (IsEmpty || tokens[known - 1] > _tokens[_count - 1]))
            known--;
        if (known > 0)
            scores[known..].Fill(TensorPrimitives.Max<float>(scores[..known]));
    }

    /// <summary>Remembers these rows in place of what was known.</summary>
    public void Set(ReadOnlySpan<int> tokens, ReadOnlySpan<float> scores)
    {
        if (_tokens.Length < tokens.Length)
            (_tokens, _scores) = (new int[tokens.Length], new float[tokens.Length]);
        tokens.CopyTo(_tokens);
        scores.CopyTo(_scores);
        _count = tokens.Length;
    }

    /// <summary>Each token and its score: of more than can be kept, those with the highest scores.</summary>
    public double[] ToNumbers()
    {
        int kept = Math.Min(_count, MaximumTokens), equal = kept;
        float least = kept == _count ? float.NegativeInfinity : Least(kept, out equal);
        double[] numbers = new double[2 * kept];
        for (int i = 0, next = 0; next < numbers.Length; i++)
        {
            if (_scores[i] < least || (_scores[i] == least && equal-- <= 0))
                continue;
            numbers[next++] = _tokens[i];
            numbers[next++] = _scores[i];
        }

        return numbers;
    }

    // The lowest score that is still kept, and how many of those equal to it.
    private float Least(int kept, out int equal)
    {
        float[] sorted = _scores[.._count];
        Array.Sort(sorted);
        float least = sorted[_count - kept];
        equal = kept - (_count - sorted.AsSpan().LastIndexOf(least) - 1);
        return least;
    }
}
