using System.Runtime.Intrinsics;
using KvNorm.Runtime;

namespace KvNorm.KvCache.State;

/// <summary>
/// Turns keys by whole positions, as RoPE does: element j becomes x[j] cos + x[partner of j] sin, where the sine carries the sign of its
/// side of the pair.
/// Cosines and sines are tabulated once for every distance that fits the cache, so an eviction computes none.
/// </summary>
internal sealed class RopeRotation
{
    private readonly RopeType _pairing;
    private readonly int _rotated;
    private readonly float[] _cosines, _sines; // (distances, rotated), row-major

    /// <summary>Creates the tables.</summary>
    /// <param name="pairing">Which elements turn together.</param>
    /// <param name="frequencies">Radians a position turns each pair by, (pairs).</param>
    /// <param name="distances">Distances 0 to distances - 1 can be turned by, in both directions.</param>
    public RopeRotation(RopeType pairing, ReadOnlySpan<double> frequencies, int distances)
    {
        _pairing = pairing;
        _rotated = 2 * frequencies.Length;
        _cosines = new float[distances * _rotated];
        _sines = new float[distances * _rotated];
        for (int distance = 0; distance < distances; distance++)
        {
            Span<float> cosines = _cosines.AsSpan(distance * _rotated, _rotated), sines = _sines.AsSpan(distance * _rotated, _rotated);
            for (int pair = 0; pair < frequencies.Length; pair++)
            {
                (double sine, double cosine) = Math.SinCos(distance * frequencies[pair]);
                (int first, int second) = pairing == RopeType.Adjacent ? (2 * pair, (2 * pair) + 1) : (pair, pair + frequencies.Length);
                cosines[first] = cosines[second] = (float)cosine;
                (sines[first], sines[second]) = ((float)-sine, (float)sine);
            }
        }
    }

    /// <summary>Gets the bytes of the tables.</summary>
    public long Bytes => sizeof(float) * (long)(_cosines.Length + _sines.Length);

    /// <summary>
    /// The rotation of every layer, null for one that does not turn its keys. Layers with the same frequencies share one table.
    /// </summary>
    /// <param name="pairing">Which elements turn together.</param>
    /// <param name="frequencies">Per layer, the same array where they are the same.</param>
    /// <param name="distances">Distances 0 to distances - 1 can be turned by.</param>
    public static IReadOnlyList<RopeRotation?> ForLayers(RopeType pairing, IReadOnlyList<double[]?> frequencies, int distances)
    {
        Dictionary<double[], RopeRotation> tables = frequencies.OfType<double[]>().Distinct()
            .ToDictionary(static known => known, known => new RopeRotation(pairing, known, distances));
        return [.. frequencies.Select(known => known is null ? null : tables[known])];
    }

    /// <summary>Turns one head's key by <paramref name="positions"/>, which may be negative.</summary>
    /// <param name="key">(headDim); elements after the rotated part stay.</param>
    /// <param name="positions">New position minus old position.</param>
    public void Rotate(Span<float> key, int positions)
    {
        int maximum = Math.Max(1, (_cosines.Length / _rotated) - 1);
        for (; Math.Abs(positions) > maximum; positions -= Math.Sign(positions) * maximum)
            Rotate(key, Math.Sign(positions) * maximum); // a row of a larger cache
        if (positions == 0)
            return;
        int start = checked(Math.Abs(positions) * _rotated);
        ReadOnlySpan<float> cosines = _cosines.AsSpan(start, _rotated), sines = _sines.AsSpan(start, _rotated);
        float direction = Math.Sign(positions);
        if (_pairing == RopeType.Adjacent)
            RotateAdjacent(key[.._rotated], cosines, sines, direction);
        else
            RotateHalves(key[.._rotated], cosines, sines, direction);
    }

    private static void RotateAdjacent(Span<float> key, ReadOnlySpan<float> cosines, ReadOnlySpan<float> sines, float direction)
    {
        int i = 0;
        for (; i <= key.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<float> x = Load(key, i);
            Vector256<float> partner = Vector256.Shuffle(x, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6));
            Store((x * Load(cosines, i)) + (partner * (direction * Load(sines, i))), key, i);
        }

        for (; i < key.Length; i += 2)
            (key[i], key[i + 1]) = Turn(key[i], key[i + 1], cosines[i], direction * sines[i + 1]);
    }

    private static void RotateHalves(Span<float> key, ReadOnlySpan<float> cosines, ReadOnlySpan<float> sines, float direction)
    {
        int half = key.Length / 2, i = 0;
        for (; i <= half - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<float> x = Load(key, i), y = Load(key, half + i), cosine = Load(cosines, i), sine = direction * Load(sines, half + i);
            Store((x * cosine) - (y * sine), key, i);
            Store((x * sine) + (y * cosine), key, half + i);
        }

        for (; i < half; i++)
            (key[i], key[half + i]) = Turn(key[i], key[half + i], cosines[i], direction * sines[half + i]);
    }

    private static (float X, float Y) Turn(float x, float y, float cosine, float sine) =>
        ((x * cosine) - (y * sine), (x * sine) + (y * cosine));

    private static Vector256<float> Load(ReadOnlySpan<float> from, int at) => Vector256.Create(from.Slice(at, Vector256<float>.Count));

    private static void Store(Vector256<float> vector, Span<float> to, int at) => vector.CopyTo(to[at..]);
}
