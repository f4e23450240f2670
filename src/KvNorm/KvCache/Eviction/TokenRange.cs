namespace KvNorm.KvCache.Eviction;

/// <summary>Logical tokens that follow each other.</summary>
/// <param name="Start">The first.</param>
/// <param name="End">The index after the last.</param>
internal readonly record struct TokenRange(int Start, int End)
{
    public int Length => End - Start;

    public bool Contains(int token) => token >= Start && token < End;
}
