using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Slots;

/// <summary>How much of a conversation is held.</summary>
/// <param name="Tokens">All its tokens.</param>
/// <param name="Held">The share of (layer, head) pairs that hold each, 0 to 1.</param>
/// <param name="Recalled">Spans that came back for the last message.</param>
internal readonly record struct HeldTokens(int[] Tokens, float[] Held, IReadOnlyList<TokenRange> Recalled);
