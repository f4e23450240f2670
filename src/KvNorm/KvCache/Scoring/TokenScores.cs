using System.Numerics.Tensors;

namespace KvNorm.KvCache.Scoring;

/// <summary>
/// What a head's rows were given when they were last scored, by their tokens: attention that was seen once is not seen again.
/// </summary>
internal sealed class TokenScores
{
    private const double MaximumScore = 1e9; // more attention than any conversation pays

    private const int MaximumTokens = ScorerStatistics.MaximumNumbers / 2; // a token and its score each

    private int[] _tokens = [];   // (tokens), ascending
    private float[] _scores = []; // (tokens)

    /// <summary>Gets whether nothing was scored yet.</summary>
    public bool IsEmpty => _tokens.Length == 0;

    /// <summary>Takes up what <see cref="ToNumbers"/> gave, or what a file says it did: finite numbers.</summary>
    public static TokenScores From(ReadOnlySpan<double> numbers)
    {
        TokenScores scores = new() { _tokens = new int[numbers.Length / 2], _scores = new float[numbers.Length / 2] };
        for (int i = 0; i < scores._tokens.Length; i++)
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
            while (known < _tokens.Length && _tokens[known] < tokens[row])
                known++;
            if (known < _tokens.Length && _tokens[known] == tokens[row])
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
        while (known > 0 && (IsEmpty || tokens[known - 1] > _tokens[^1]))
            known--;
        if (known > 0)
            scores[known..].Fill(TensorPrimitives.Max<float>(scores[..known]));
    }

    /// <summary>Remembers these rows in place of what was known.</summary>
    public void Set(ReadOnlySpan<int> tokens, ReadOnlySpan<float> scores) => (_tokens, _scores) = (tokens.ToArray(), scores.ToArray());

    /// <summary>Each token and its score: of more than can be kept, those with the highest scores.</summary>
    public double[] ToNumbers() =>
    [
        .. _tokens.Zip(_scores).OrderByDescending(static row => row.Second).Take(MaximumTokens).OrderBy(static row => row.First)
            .SelectMany(static row => new double[] { row.First, row.Second }),
    ];
}
