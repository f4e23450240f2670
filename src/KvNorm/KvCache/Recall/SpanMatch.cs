namespace KvNorm.KvCache.Recall;

/// <summary>A span of a conversation that has words of a question.</summary>
/// <param name="Start">Its first token.</param>
/// <param name="End">The index after its last.</param>
/// <param name="Score">BM25.</param>
/// <param name="Coverage">What it has of the question, by the weights of the question's terms: 0 to 1.</param>
internal readonly record struct SpanMatch(int Start, int End, float Score, float Coverage);
