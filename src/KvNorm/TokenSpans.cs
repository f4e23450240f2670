namespace KvNorm;

/// <summary>Over what a token's score is averaged, so that text survives in pieces that still make sense.</summary>
public sealed record TokenSpans
{
    /// <summary>Beside its sentence, a token's own surroundings count by half, this many tokens wide.</summary>
    internal const int SentenceNeighbours = 5;

    private const int MaximumNeighbours = 1024;

    private TokenSpans(bool sentences, int neighbours) => (Sentences, NeighbourCount) = (sentences, neighbours);

    /// <summary>Gets tokens that are scored alone.</summary>
    public static TokenSpans None { get; } = new(false, 1);

    /// <summary>Gets the sentence or line a token stands in (at most 48 tokens), plus half the mean over 5 neighbours.</summary>
    public static TokenSpans Sentence { get; } = new(true, SentenceNeighbours);

    internal bool Sentences { get; }

    internal int NeighbourCount { get; }

    /// <summary>The mean over some tokens around each one.</summary>
    /// <param name="count">Tokens averaged, the token itself among them, 1 to 1,024.</param>
    public static TokenSpans Neighbours(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaximumNeighbours);
        return new TokenSpans(false, count);
    }
}
