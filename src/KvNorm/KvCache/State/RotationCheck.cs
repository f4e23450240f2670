using KvNorm.Runtime;

namespace KvNorm.KvCache.State;

/// <summary>
/// Whether a rotation makes of a token's keys at one position those that llama.cpp made at another. They need not be equal: a GPU adds up
/// otherwise from position to position, quantised weights magnify that, and after some layers a key differs by some percent of its length.
/// RoPE leaves the lengths of its pairs alone, so what these differ by tells how much of the difference is no matter of angles.
/// </summary>
/// <param name="rotation">The rotation by the distance as one step; null for a layer that does not turn its keys.</param>
/// <param name="pairing">Which elements turn together.</param>
/// <param name="keyLength">Elements of one head's key.</param>
/// <param name="pairs">Pairs that are turned.</param>
internal sealed class RotationCheck(RopeRotation? rotation, RopeType pairing, int keyLength, int pairs)
{
    /// <summary>Largest error of a rotated key, as a share of its length, that needs no excuse. f16 rounding gives some 0.0005.</summary>
    private const double Tolerance = 0.01;

    /// <summary>Largest error of a layer's keys as a share of their length, whatever the lengths of pairs differ by.</summary>
    private const double LargestNoise = 0.2;

    /// <summary>
    /// Noise in all directions is some sqrt 2 times that of the pairs' lengths (measured: up to 1.6); a wrong angle adds to the
    /// former only.
    /// </summary>
    private const double NoiseFactor = 2.5;

    /// <summary>Whether the keys agree.</summary>
    /// <param name="origin">The keys at the one position, (heads, keyLength), row-major.</param>
    /// <param name="moved">The same at the other.</param>
    public bool Agrees(ReadOnlySpan<float> origin, ReadOnlySpan<float> moved)
    {
        double worst = 0, error = 0, noise = 0;
        float[] turned = new float[keyLength];
        for (int start = 0; start < origin.Length; start += keyLength)
        {
            ReadOnlySpan<float> expected = moved.Slice(start, keyLength);
            origin.Slice(start, keyLength).CopyTo(turned);
            double total = Math.Max(Squares(expected), 1e-12);
            noise += LengthDifference(turned, expected) / total;
            rotation?.Rotate(turned, 1);
            double own = Difference(turned, expected) / total;
            worst = Math.Max(worst, own); // NaN stays NaN, and is above any tolerance
            error += own;
        }

        bool isNoise = error <= NoiseFactor * NoiseFactor * noise && error * keyLength / origin.Length <= LargestNoise * LargestNoise;
        return worst <= Tolerance * Tolerance || isNoise;
    }

    private double LengthDifference(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double sum = Difference(left[(2 * pairs)..], right[(2 * pairs)..]);
        for (int pair = 0; pair < pairs; pair++)
            sum += Math.Pow(Length(left, pair) - Length(right, pair), 2);
        return sum;
    }

    private double Length(ReadOnlySpan<float> key, int pair) => pairing == RopeType.Adjacent
        ? double.Hypot(key[2 * pair], key[(2 * pair) + 1])
        : double.Hypot(key[pair], key[pair + pairs]);

    private static double Difference(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
            sum += Math.Pow(left[i] - right[i], 2);
        return sum;
    }

    private static double Squares(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
            sum += (double)value * value;
        return sum;
    }
}
