namespace KvNorm.KvCache.Eviction;

/// <summary>Logical tokens that follow each other.</summary>
/// <param name="Start">The first.</param>
/// <param name="End">The index after the last.</param>
internal readonly record struct TokenRange(int Start, int End)
{
    public int Length => End - Start;

    /// <summary>How many tokens are in both.</summary>
    public int Overlap(TokenRange other) => Math.Max(0, Math.Min(End, other.End) - Math.Max(Start, other.Start));

    /// <summary>Both, with what lies between them.</summary>
    public TokenRange Union(TokenRange other) => new(Math.Min(Start, other.Start), Math.Max(End, other.End));

    public bool Contains(int token) => token >= Start && token < End;
}
