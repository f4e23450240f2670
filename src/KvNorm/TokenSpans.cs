namespace KvNorm;

/// <summary>Over what a token's score is averaged, so that text survives in pieces that still make sense.</summary>
public sealed record TokenSpans
{
    /// <summary>Beside its sentence, a token's own surroundings count by half, this many tokens wide.</summary>
    internal const int SentenceNeighbours = 5;

    private const int MaximumTokens = 1024; // of a window or a chunk

    private TokenSpans(bool sentences, int neighbours, int chunk = 0) =>
        (Sentences, NeighbourCount, ChunkLength) = (sentences, neighbours, chunk);

    /// <summary>Gets tokens that are scored alone.</summary>
    public static TokenSpans None { get; } = new(false, 1);

    /// <summary>Gets the sentence or line a token stands in (at most 48 tokens), plus half the mean over 5 neighbours.</summary>
    public static TokenSpans Sentence { get; } = new(true, SentenceNeighbours);

    internal bool Sentences { get; }

    internal int NeighbourCount { get; }

    /// <summary>Gets the tokens of a chunk; 0 where text is not cut into chunks.</summary>
    internal int ChunkLength { get; }

    /// <summary>The mean over some tokens around each one.</summary>
    /// <param name="count">Tokens averaged, the token itself among them, 1 to 1,024.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer or more.</exception>
    public static TokenSpans Neighbours(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaximumTokens);
        return new TokenSpans(false, count);
    }

    /// <summary>
    /// Chunks of so many tokens, counted from the beginning of the conversation, which stay or go as wholes (ChunkKV, Liu et al. 2025,
    /// arXiv 2502.00299).
    /// </summary>
    /// <param name="count">Tokens of a chunk, 1 to 1,024.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer or more.</exception>
    public static TokenSpans Chunks(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaximumTokens);
        return count == 1 ? None : new TokenSpans(false, 1, count);
    }
}
