using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Recall;

/// <summary>A span of a conversation that has words of a question.</summary>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Score">BM25.</param>
internal readonly record struct SpanMatch(TokenRange Tokens, float Score);
