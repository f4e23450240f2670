using System.Numerics.Tensors;
using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Recall;

/// <summary>Finds the spans of a conversation that mean something near to a question, by the vectors of an embedding model.</summary>
/// <param name="spans">Which span each token stands in.</param>
/// <param name="embedder">Has texts embedded.</param>
/// <param name="textOf">The text of tokens.</param>
internal sealed class SpanMeanings(SpanMap spans, SpanEmbedder embedder, Func<int[], string> textOf)
{
    // The cosine of what is left without the mean of the conversation's spans: with many models all texts point the same way, and what
    // tells them apart is little beside that. Measured with two models, see docs/experiments.md.
    private const float MinimumNearness = 3f / 8;

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

    /// <summary>The spans near to a question, the nearest first, of those whose vector is known. What failed is asked for again.</summary>
    /// <param name="question">Its vector.</param>
    public IReadOnlyList<SpanMatch> Find(float[] question)
    {
        List<(TokenRange Tokens, float[] Vector)> known = Known(question.Length);
        float[] mean = MeanOf(known, question.Length), asked = new float[question.Length], own = new float[question.Length];
        TensorPrimitives.Subtract(question, mean, asked);
        List<SpanMatch> near = [];
        foreach ((TokenRange tokens, float[] vector) in known)
        {
            TensorPrimitives.Subtract(vector, mean, own);
            float nearness = TensorPrimitives.CosineSimilarity<float>(own, asked);
            if (nearness >= MinimumNearness)
                near.Add(new SpanMatch(tokens, nearness));
        }

        near.Sort(static (one, other) => other.Score.CompareTo(one.Score));
        return near;
    }

    private List<(TokenRange Tokens, float[] Vector)> Known(int dimensions)
    {
        List<(TokenRange Tokens, float[] Vector)> known = [];
        foreach ((TokenRange tokens, SpanVector vector) in _spans)
        {
            if (vector.Values is not { } values)
                embedder.Retry(vector);
            else if (values.Length == dimensions)
                known.Add((tokens, values));
        }

        return known;
    }

    private static float[] MeanOf(List<(TokenRange Tokens, float[] Vector)> known, int dimensions)
    {
        float[] mean = new float[dimensions];
        foreach ((_, float[] vector) in known)
            TensorPrimitives.Add(mean, vector, mean);
        TensorPrimitives.Divide(mean, Math.Max(1, known.Count), mean);
        return mean;
    }
}
