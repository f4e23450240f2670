using System.Numerics.Tensors;

namespace KvNorm.KvCache.Scoring;

/// <summary>
/// How widely a row's key and value spread against those of the lag after it; ranked within each lag, and the rows that have no lag after
/// them stay before all others (LagKV, Liang et al. 2025, arXiv 2504.04704).
/// </summary>
internal sealed class LagKvScorer : KeyScorer
{
    /// <summary>Rows of a lag, as published.</summary>
    public const int Lag = 128;

    private const float Epsilon = 1e-6f; // keeps a channel that never changes from dividing by zero

    public override bool NeedsValues => true;

    public override void Score(in HeadRows rows, Span<float> scores)
    {
        int ranked = Math.Max(0, (rows.Count / Lag) - 1) * Lag;
        Span<float> ofKeys = stackalloc float[Lag], ofValues = stackalloc float[Lag];
        for (int start = 0; start < ranked; start += Lag)
        {
            Spread(rows.Keys.Slice(start * rows.KeyLength, 2 * Lag * rows.KeyLength), rows.KeyLength, ofKeys);
            Spread(rows.Values.Slice(start * rows.ValueLength, 2 * Lag * rows.ValueLength), rows.ValueLength, ofValues);
            TensorPrimitives.Add(ofKeys, ofValues, ofKeys);
            Rank(ofKeys, scores.Slice(start, Lag));
        }

        for (int row = ranked; row < rows.Count; row++)
            scores[row] = 1 + ((float)row / rows.Count);
    }

    /// <summary>
    /// The softmax over a lag of the standard deviation over the channels, each channel scaled to its range in the next lag.
    /// </summary>
    /// <param name="vectors">A lag and the next one, (2 lags, length), row-major.</param>
    /// <param name="length">Channels.</param>
    /// <param name="spread">Receives a number for each row of the first lag, (lag).</param>
    private static void Spread(ReadOnlySpan<float> vectors, int length, Span<float> spread)
    {
        Span<float> low = stackalloc float[length], range = stackalloc float[length], scaled = stackalloc float[length];
        ReadOnlySpan<float> next = vectors[(Lag * length)..];
        next[..length].CopyTo(low);
        next[..length].CopyTo(range);
        for (int row = 1; row < Lag; row++)
        {
            TensorPrimitives.Min(low, next.Slice(row * length, length), low);
            TensorPrimitives.Max(range, next.Slice(row * length, length), range);
        }

        TensorPrimitives.Subtract(range, low, range);
        TensorPrimitives.Add(range, Epsilon, range);
        for (int row = 0; row < Lag; row++)
        {
            TensorPrimitives.Subtract(vectors.Slice(row * length, length), low, scaled);
            TensorPrimitives.Divide(scaled, range, scaled);
            TensorPrimitives.Subtract(scaled, TensorPrimitives.Sum<float>(scaled) / length, scaled);
            spread[row] = MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(scaled) / Math.Max(1, length - 1));
        }

        TensorPrimitives.SoftMax(spread, spread);
    }

    /// <summary>Each number's rank among all, as a share below 1: numbers (lag), which end up sorted, to ranks (lag).</summary>
    private static void Rank(Span<float> numbers, Span<float> ranks)
    {
        Span<int> order = stackalloc int[Lag];
        for (int row = 0; row < Lag; row++)
            order[row] = row;
        numbers.Sort(order);
        for (int rank = 0; rank < Lag; rank++)
            ranks[order[rank]] = (float)rank / Lag;
    }
}
