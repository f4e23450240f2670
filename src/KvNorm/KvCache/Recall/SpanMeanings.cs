using System.Numerics.Tensors;
using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Recall;

/// <summary>Finds the spans of a conversation that mean something near to a question, by the vectors of an embedding model.</summary>
/// <param name="spans">Which span each token stands in.</param>
/// <param name="embedder">Has texts embedded.</param>
/// <param name="textOf">The text of tokens.</param>
internal sealed class SpanMeanings(SpanMap spans, SpanEmbedder embedder, Func<int[], string> textOf)
{
    // How near a span must be, on the way from the conversation's middle span (0) to the question itself (1). A number of its own for each
    // model would be needed otherwise: what has nothing in common is at 0.1 with some and at 0.8 with others.
    private const float MinimumNearness = 1f / 3;
    private const double MinimumKnown = 0.9; // of the spans: with fewer vectors the right one may be missing

    private readonly List<(TokenRange Tokens, SpanVector Vector)> _spans = [];

    /// <summary>Has the spans embedded that have come since and are complete.</summary>
    /// <param name="tokens">All tokens of the conversation.</param>
    public void Append(ReadOnlySpan<int> tokens)
    {
        int start = _spans.Count > 0 ? _spans[^1].Tokens.End : 0;
        for (int end = start + 1; end < tokens.Length; end++)
        {
            if (spans[end] == spans[start])
                continue;
            _spans.Add((new TokenRange(start, end), embedder.Request(textOf(tokens[start..end].ToArray()))));
            start = end;
        }
    }

    /// <summary>Drops the spans that have tokens from <paramref name="length"/> on.</summary>
    public void Truncate(int length) => _spans.RemoveAll(span => span.Tokens.End > length);

    /// <summary>The spans near to a question, the nearest first.</summary>
    /// <param name="question">Its vector, of length 1.</param>
    /// <returns>Null where too few vectors are known. What failed is asked for again.</returns>
    public IReadOnlyList<SpanMatch>? Find(float[] question)
    {
        List<SpanMatch> all = [];
        int unknown = 0;
        foreach ((TokenRange tokens, SpanVector vector) in _spans)
        {
            float[]? values = vector.Values;
            if (values?.Length == question.Length)
                all.Add(new SpanMatch(tokens, TensorPrimitives.Dot<float>(values, question)));
            else if (values is not { Length: 0 })
                unknown++;
            if (values is null)
                embedder.Retry(vector);
        }

        return all.Count == 0 || all.Count < MinimumKnown * (all.Count + unknown) ? null : Near(all);
    }

    private static SpanMatch[] Near(List<SpanMatch> all)
    {
        all.Sort(static (one, other) => other.Score.CompareTo(one.Score));
        float middle = all[all.Count / 2].Score, way = Math.Max(1 - middle, float.Epsilon);
        return
        [
            .. all.Select(match => match with { Score = (match.Score - middle) / way })
                .TakeWhile(static match => match.Score >= MinimumNearness),
        ];
    }
}
