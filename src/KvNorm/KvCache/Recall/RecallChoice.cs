using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Recall;

/// <summary>What a question asks for.</summary>
/// <param name="Spans">Spans that stay while it is answered, the first ones first.</param>
/// <param name="Missing">Those of their tokens that some head lacks and that are archived, ascending.</param>
internal sealed record RecallChoice(TokenRange[] Spans, int[] Missing);
