using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Recall;

/// <summary>A span of a conversation that a question may ask for.</summary>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Score">BM25, or how near it is in meaning.</param>
internal readonly record struct SpanMatch(TokenRange Tokens, float Score);
