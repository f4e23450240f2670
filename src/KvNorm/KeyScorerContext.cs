namespace KvNorm;

/// <summary>What a <see cref="KeyScorer"/> is made for.</summary>
/// <param name="HeadCount">
/// (layer, head) pairs of the cache; 1 where the cache cannot be read, which leaves only scorers that need neither keys nor values.
/// </param>
/// <param name="Seed">The policy's <see cref="EvictionPolicy.Seed"/>.</param>
public readonly record struct KeyScorerContext(int HeadCount, int Seed);
