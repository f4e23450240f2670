using System.Numerics;
using KvNorm.Runtime;

namespace KvNorm.KvCache.State;

/// <summary>
/// Measures by how much the model turns its keys per position, whatever the file says of base, scaling, factors or YaRN.
/// A token decoded alone sees only itself, so its keys are the same in every layer at every position, but for RoPE:
/// the angle between the key at position 0 and at position p is p times the frequency of the pair.
/// </summary>
internal sealed class RopeProbe
{
    /// <summary>
    /// Each step refines the frequency by the distance; the f16 error of an angle (below 0.001) times 64 stays far below half a turn, so no
    /// turn is miscounted.
    /// </summary>
    private static readonly int[] Distances = [1, 64, 4096];

    /// <summary>The same where keys are quantised, and an angle is wrong by some 0.1.</summary>
    private static readonly int[] ShortSteps = [1, 4, 16, 64, 256, 1024, 4096];

    /// <summary>Where the measured frequencies are checked, with another token: no multiple of the distances above.</summary>
    private const int CheckDistance = 1777;

    private readonly LlamaSequence _sequence;
    private readonly LlamaModel _model;
    private readonly CacheGeometry _geometry;
    private readonly StateBuffer _buffer;
    private readonly int _pairs;
    private readonly bool _adjacent;
    private readonly int _maximumDistance; // the highest position a model knows

    public RopeProbe(LlamaSequence sequence, LlamaModel model, CacheGeometry geometry, StateBuffer buffer)
    {
        (_sequence, _model, _geometry, _buffer) = (sequence, model, geometry, buffer);
        _pairs = model.RotatedLength / 2;
        _adjacent = model.RopeType == RopeType.Adjacent;
        _maximumDistance = model.TrainedLength > 0 ? model.TrainedLength - 1 : Distances[^1];
    }

    private int[] Steps => _geometry.Layers[0].Key.IsQuantised ? ShortSteps : Distances;

    private int CheckedDistance => Math.Min(CheckDistance, _maximumDistance);

    /// <summary>Measures every layer and checks the result against llama.cpp.</summary>
    /// <returns>
    /// Frequencies of each layer, (pairs), null for a layer that does not turn its keys; or null and the reason when they cannot be relied
    /// on.
    /// </returns>
    public (IReadOnlyList<double[]?>? Frequencies, string Reason) Measure()
    {
        if (2 * _pairs > _geometry.Layers.Min(layer => layer.KeyLength))
            return (null, $"the file says {_model.RotatedLength} elements of a key are rotated, more than it has");
        int token = _model.Vocabulary.Count / 3;
        float[][] origin = Keys(token, 0);
        double[][] frequencies = [.. _geometry.Layers.Select(_ => new double[_pairs])];
        foreach (int distance in Steps.Select(distance => Math.Min(distance, _maximumDistance)).Distinct())
        {
            float[][] moved = Keys(token, distance);
            for (int layer = 0; layer < frequencies.Length; layer++)
                Refine(frequencies[layer], origin[layer], moved[layer], _geometry.Layers[layer], distance);
        }

        (float[][] Origin, float[][] Moved) check = CheckKeys();
        IReadOnlyList<double[]?> shared = Share(frequencies, check);
        return Holds(shared, check)
            ? (shared, "")
            : (null, "keys rotated by the measured frequencies differ from llama.cpp's by more than rounding explains");
    }

    /// <summary>Whether rotating by these frequencies gives the keys that llama.cpp makes in this context.</summary>
    public bool Holds(IReadOnlyList<double[]?> frequencies) => Holds(frequencies, CheckKeys());

    private bool Holds(IReadOnlyList<double[]?> frequencies, (float[][] Origin, float[][] Moved) check) =>
        Enumerable.Range(0, frequencies.Count).All(layer => Turns(frequencies[layer], layer, check));

    private void Refine(double[] frequencies, float[] origin, float[] moved, LayerGeometry layer, int distance)
    {
        for (int pair = 0; pair < _pairs; pair++)
        {
            Complex product = Complex.Zero; // over the heads, so that small pairs weigh little
            for (int head = 0; head < layer.Heads; head++)
                product += Pair(moved, head * layer.KeyLength, pair) * Complex.Conjugate(Pair(origin, head * layer.KeyLength, pair));
            double expected = distance * frequencies[pair];
            frequencies[pair] += Math.IEEERemainder(product.Phase - expected, 2 * Math.PI) / distance;
        }
    }

    // Layers that turn alike share one array, so that they share one table. The first layer's keys come from the token alone, and each
    // further layer adds to the rounding: so a layer takes an earlier one's frequencies where those hold for it.
    private List<double[]?> Share(double[][] measured, (float[][] Origin, float[][] Moved) check)
    {
        List<double[]?> shared = [];
        for (int layer = 0; layer < measured.Length; layer++)
        {
            double[]? same = shared.Find(known => known is not null && Turns(known, layer, check));
            shared.Add(same ?? (Turns(null, layer, check) ? null : measured[layer]));
        }

        return shared;
    }

    private bool Turns(double[]? frequencies, int layer, (float[][] Origin, float[][] Moved) check)
    {
        RopeRotation? rotation = frequencies is null ? null : new RopeRotation(_model.RopeType, ScaledBy(frequencies, CheckedDistance), 2);
        return new RotationCheck(rotation, _model.RopeType, _geometry.Layers[layer].KeyLength, _pairs)
            .Agrees(check.Origin[layer], check.Moved[layer]);
    }

    private (float[][] Origin, float[][] Moved) CheckKeys()
    {
        int token = _model.Vocabulary.Count / 2;
        return (Keys(token, 0), Keys(token, CheckedDistance));
    }

    // One step of the scaled frequencies is the whole distance, so the check needs no table of that length.
    private static double[] ScaledBy(double[] frequencies, int distance) => [.. frequencies.Select(frequency => frequency * distance)];

    private Complex Pair(float[] keys, int start, int pair) => _adjacent
        ? new Complex(keys[start + (2 * pair)], keys[start + (2 * pair) + 1])
        : new Complex(keys[start + pair], keys[start + pair + _pairs]);

    // The keys of one token alone at a position: per layer (heads x headDim).
    private float[][] Keys(int token, int position)
    {
        _sequence.Clear();
        _sequence.Decode([token], position, logits: false);
        _sequence.ReadState(_buffer);
        SequenceState state = SequenceState.Parse(_buffer);
        IEnumerable<float[]> keys = KeysOf(state, 0);
        return [.. state.TrailingBytes > 0 ? keys.Concat(KeysOf(SequenceState.ParseSecond(_buffer, state), state.LayerCount)) : keys];
    }

    // Of one of the two caches, whose layers begin at some number among all.
    private IEnumerable<float[]> KeysOf(SequenceState state, int first) =>
        Enumerable.Range(0, state.LayerCount).Select(index =>
        {
            LayerGeometry layer = _geometry.Layers[first + index];
            return layer.Key.ReadRow(state.Keys(index), layer.Heads);
        });
}
