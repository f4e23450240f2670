using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Slots;

/// <summary>What came back for a question.</summary>
/// <param name="Spans">The spans, in the order of their tokens.</param>
/// <param name="Tokens">Tokens of which some head got a row back.</param>
internal sealed record RecalledSpans(TokenRange[] Spans, int Tokens)
{
    /// <summary>Nothing.</summary>
    public static readonly RecalledSpans None = new([], 0);
}
