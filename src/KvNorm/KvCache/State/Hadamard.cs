using System.Runtime.Intrinsics;

namespace KvNorm.KvCache.State;

/// <summary>
/// The normalised Walsh-Hadamard transform in natural order, which is its own inverse. llama.cpp stores quantised keys and values
/// transformed by it, so that no single element is much larger than the others of its block (github.com/ggml-org/llama.cpp/pull/21038).
/// </summary>
internal static class Hadamard
{
    private static readonly Vector256<float>[] Signs = // of the elements of a vector in the steps of 1, 2 and 4
    [
        Vector256.Create(1f, -1, 1, -1, 1, -1, 1, -1),
        Vector256.Create(1f, 1, -1, -1, 1, 1, -1, -1),
        Vector256.Create(1f, 1, 1, 1, -1, -1, -1, -1),
    ];

    private static readonly Vector256<int>[] Partners =
    [
        Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6),
        Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5),
        Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3),
    ];

    /// <summary>Transforms elements in place.</summary>
    /// <param name="elements">A whole number of blocks.</param>
    /// <param name="block">Elements that are transformed together: a power of 2, at least 8; 0 for none.</param>
    public static void Apply(Span<float> elements, int block)
    {
        for (int start = 0; block > 0 && start < elements.Length; start += block)
            ApplyToBlock(elements.Slice(start, block));
    }

    private static void ApplyToBlock(Span<float> block)
    {
        float scale = 1 / MathF.Sqrt(block.Length);
        for (int i = 0; i < block.Length; i += Vector256<float>.Count)
        {
            Vector256<float> within = Load(block, i) * scale;
            within = Step(within, 0);
            within = Step(within, 1);
            Step(within, 2).CopyTo(block[i..]);
        }

        for (int step = Vector256<float>.Count; step < block.Length; step *= 2)
        {
            for (int start = 0; start < block.Length; start += 2 * step)
                StepAcross(block.Slice(start, 2 * step), step);
        }
    }

    private static Vector256<float> Step(Vector256<float> elements, int step) =>
        Vector256.Shuffle(elements, Partners[step]) + (elements * Signs[step]);

    private static void StepAcross(Span<float> elements, int step)
    {
        for (int i = 0; i < step; i += Vector256<float>.Count)
        {
            Vector256<float> first = Load(elements, i), second = Load(elements, i + step);
            (first + second).CopyTo(elements[i..]);
            (first - second).CopyTo(elements[(i + step)..]);
        }
    }

    private static Vector256<float> Load(ReadOnlySpan<float> from, int at) => Vector256.Create(from.Slice(at, Vector256<float>.Count));
}
