using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Recall;

/// <summary>A span of a conversation that has words of a question.</summary>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Score">BM25.</param>
/// <param name="Coverage">What it has of the question, by the weights of the question's terms: 0 to 1.</param>
internal readonly record struct SpanMatch(TokenRange Tokens, float Score, float Coverage);
