namespace KvNorm.KvCache.Scoring;

/// <summary>A number per head and token that depends on the seed alone: the floor that every method must beat.</summary>
internal sealed class RandomScorer(int seed) : KeyScorer
{
    public override bool NeedsKeys => false;

    public override void Score(in HeadRows rows, Span<float> scores)
    {
        for (int row = 0; row < rows.Count; row++)
            scores[row] = Hash(unchecked((uint)seed), (uint)rows.Head, (uint)rows.Tokens[row]);
    }

    // A token keeps its number over all evictions, as a random sample of the conversation must. Mixing as in SplitMix64 (Steele et al.
    // 2014).
    private static float Hash(uint seed, uint head, uint token)
    {
        unchecked
        {
            ulong x = (((ulong)seed << 32) | token) + ((head + 1) * 0x9E3779B97F4A7C15);
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            return (x ^ (x >> 31)) >> 40; // 24 bits, which a float holds exactly
        }
    }
}
