using System.Numerics.Tensors;
using KvNorm.Runtime;

namespace KvNorm.KvCache.State;

/// <summary>
/// Finds out whether a cache keeps its keys and values transformed, and in which blocks: a token alone has the same keys and values in
/// every cache, but for rounding. llama.cpp does it for quantised types, by rules of its own that a variable of the environment can switch
/// off.
/// </summary>
/// <param name="half">A sequence of a context of f16.</param>
/// <param name="typed">One of the context that is asked about.</param>
/// <param name="token">Any token.</param>
internal sealed class HadamardProbe(LlamaSequence half, LlamaSequence typed, int token)
{
    private const int SmallestBlock = 64;

    /// <summary>
    /// Largest difference as a share of the length. 4 bits give some 0.1, and more in later layers; another transform some 1.4.
    /// </summary>
    private const double Tolerance = 0.5;

    /// <summary>The shapes of the cache that is asked about, and of its layers with a sliding window.</summary>
    /// <param name="geometry">That of the cache of f16.</param>
    /// <param name="window">That of its layers with a sliding window; null where there are none.</param>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public (CacheGeometry Geometry, CacheGeometry? Window) Measure(CacheGeometry geometry, CacheGeometry? window)
    {
        using StateBuffer halfBuffer = new(), typedBuffer = new();
        SequenceState expected = Decode(half, halfBuffer), found = Decode(typed, typedBuffer);
        return (
            Measure(geometry, expected, found),
            window is null
                ? null
                : Measure(window, SequenceState.ParseSecond(halfBuffer, expected), SequenceState.ParseSecond(typedBuffer, found)));
    }

    private static CacheGeometry Measure(CacheGeometry geometry, SequenceState expected, SequenceState found)
    {
        LayerGeometry[] layers = [.. geometry.Layers];
        CacheGeometry plain = CacheGeometry.Of(found, layers[0].KeyLength, layers[0].ValueLength);
        return new CacheGeometry([.. plain.Layers.Select((layer, index) => layer with
        {
            Key = Find(layer.Heads, layers[index].Key, expected.Keys(index), layer.Key, found.Keys(index)),
            Value = Find(layer.Heads, layers[index].Value, expected.Values(index), layer.Value, found.Values(index)),
        })]);
    }

    private SequenceState Decode(LlamaSequence sequence, StateBuffer buffer)
    {
        sequence.Clear();
        sequence.Decode([token], 0, logits: false);
        sequence.ReadState(buffer);
        return SequenceState.Parse(buffer);
    }

    private static HeadFormat Find(
        int heads, HeadFormat expected, ReadOnlySpan<byte> expectedRow, HeadFormat found, ReadOnlySpan<byte> foundRow)
    {
        float[] elements = expected.ReadRow(expectedRow, heads);
        HeadFormat? best = null;
        double smallest = Tolerance;
        foreach (HeadFormat candidate in Candidates(found))
        {
            double error = Distance(elements, candidate.ReadRow(foundRow, heads));
            if (error < smallest)
                (best, smallest) = (candidate, error);
        }

        return best ?? throw new InvalidDataException("keys or values of this cache are stored in a form that is not known");
    }

    private static IEnumerable<HeadFormat> Candidates(HeadFormat format)
    {
        yield return format;
        for (int block = SmallestBlock; block <= format.Length && format.Length % block == 0; block *= 2)
            yield return format with { HadamardBlock = block };
    }

    private static double Distance(float[] expected, float[] found) =>
        TensorPrimitives.Distance<float>(expected, found) / Math.Max(TensorPrimitives.Norm<float>(expected), 1e-12);
}
