namespace KvNorm;

/// <summary>What a <see cref="KeyScorer"/> has learnt from a conversation, in numbers.</summary>
public sealed class ScorerStatistics
{
    /// <summary>
    /// The maximum of numbers that are kept for a head: two for each row of a large cache, more than the longest key has.
    /// </summary>
    public const int MaximumNumbers = 65_536;

    /// <summary>Creates statistics.</summary>
    /// <param name="heads">The scorer's numbers for each (layer, head) pair of the cache; none for one that was never scored.</param>
    /// <exception cref="ArgumentException">There are no heads, or more than <see cref="MaximumNumbers"/> numbers of one.</exception>
    public ScorerStatistics(IReadOnlyList<double[]> heads)
    {
        ArgumentNullException.ThrowIfNull(heads);
        if (heads.Count == 0 || heads.Any(static numbers => numbers is null || numbers.Length > MaximumNumbers))
            throw new ArgumentException($"There must be at least one head, and at most {MaximumNumbers} numbers for each.", nameof(heads));
        Heads = heads;
    }

    /// <summary>Gets the scorer's numbers for each (layer, head) pair.</summary>
    public IReadOnlyList<double[]> Heads { get; }
}
