using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Recall;

/// <summary>What a question asks for.</summary>
/// <param name="Spans">Spans that stay while it is answered, in the order of their tokens.</param>
/// <param name="Lacking">Those of them that the cache has lost and that can come back.</param>
/// <param name="Missing">The tokens of these that some head lacks, ascending.</param>
/// <param name="Distractors">
/// Spans with some of the question's words that say it of something else: they leave where something comes back. None where nothing does.
/// </param>
internal sealed record RecallChoice(TokenRange[] Spans, TokenRange[] Lacking, int[] Missing, TokenRange[] Distractors);
