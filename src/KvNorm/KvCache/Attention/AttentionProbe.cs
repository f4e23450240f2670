using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Attention;

/// <summary>Finds out, by decoding a token, what the queries of a model look like and whether its attention can be read.</summary>
internal static class AttentionProbe
{
    /// <summary>The shape of each layer's queries.</summary>
    /// <param name="sequence">An empty sequence of a context that reads queries; empty afterwards.</param>
    /// <param name="geometry">The shape of the cache; null when it cannot be read.</param>
    /// <exception cref="NotSupportedException">The attention cannot be read; the message says why.</exception>
    public static IReadOnlyList<QueryShape> Run(LlamaSequence sequence, CacheGeometry? geometry)
    {
        if (geometry is null)
            throw new NotSupportedException("the keys cannot be read");
        sequence.Decode([0], 0, logits: false);
        sequence.Clear();
        IReadOnlyList<QueryShape?> found = sequence.Context.Queries!.Shapes;
        return found.Count == geometry.Layers.Count && found.Zip(geometry.Layers).All(static pair => Fits(pair.First, pair.Second))
            ? [.. found.OfType<QueryShape>()]
            : throw new NotSupportedException(
                $"{found.Count} layers attend in another way than to the rows of the {geometry.Layers.Count} whose keys can be read");
    }

    private static bool Fits(QueryShape? queries, LayerGeometry keys) =>
        queries is not null && queries.Length == keys.KeyLength && queries.Heads % keys.Heads == 0;
}
