using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace KvNorm.KvCache.Scoring;

/// <summary>
/// Sums of products over rows as short as a head's. Four rows are taken at a time, so that none waits for the sum of the one before it: a
/// call of TensorPrimitives for each row takes one and a half times to twice as long.
/// </summary>
internal static class RowProducts
{
    private const int AtOnce = 4; // rows; a row's elements are taken eight at a time

    /// <summary>The L2 norm of each row.</summary>
    /// <param name="rows">(rows, length), row-major.</param>
    /// <param name="length">Elements of a row.</param>
    /// <param name="norms">Receives the norms, (rows).</param>
    public static void Norms(ReadOnlySpan<float> rows, int length, Span<float> norms)
    {
        int row = 0, whole = length - (length % Vector256<float>.Count);
        for (; row <= norms.Length - AtOnce; row += AtOnce)
        {
            Four four = new(rows, row, length);
            Vector256<float> a = default, b = default, c = default, d = default;
            for (int i = 0; i < whole; i += Vector256<float>.Count)
            {
                a += Load(four.A, i) * Load(four.A, i);
                b += Load(four.B, i) * Load(four.B, i);
                c += Load(four.C, i) * Load(four.C, i);
                d += Load(four.D, i) * Load(four.D, i);
            }

            Write(norms[row..], a, b, c, d);
            for (int i = 0; whole < length && i < AtOnce; i++)
                norms[row + i] += TensorPrimitives.SumOfSquares(rows.Slice(((row + i) * length) + whole, length - whole));
        }

        for (; row < norms.Length; row++)
            norms[row] = TensorPrimitives.SumOfSquares(rows.Slice(row * length, length));
        TensorPrimitives.Sqrt(norms, norms);
    }

    /// <summary>The dot product of each row and a vector.</summary>
    /// <param name="rows">(rows, length), row-major.</param>
    /// <param name="vector">(length).</param>
    /// <param name="products">Receives the products, (rows).</param>
    public static void Dots(ReadOnlySpan<float> rows, ReadOnlySpan<float> vector, Span<float> products)
    {
        int row = 0, length = vector.Length, whole = length - (length % Vector256<float>.Count);
        for (; row <= products.Length - AtOnce; row += AtOnce)
        {
            Four four = new(rows, row, length);
            Vector256<float> a = default, b = default, c = default, d = default;
            for (int i = 0; i < whole; i += Vector256<float>.Count)
            {
                Vector256<float> part = Load(vector, i);
                a += Load(four.A, i) * part;
                b += Load(four.B, i) * part;
                c += Load(four.C, i) * part;
                d += Load(four.D, i) * part;
            }

            Write(products[row..], a, b, c, d);
            for (int i = 0; whole < length && i < AtOnce; i++)
                products[row + i] += TensorPrimitives.Dot(rows.Slice(((row + i) * length) + whole, length - whole), vector[whole..]);
        }

        for (; row < products.Length; row++)
            products[row] = TensorPrimitives.Dot(rows.Slice(row * length, length), vector);
    }

    /// <summary>Adds every row, times its weight, to a sum.</summary>
    /// <param name="rows">(rows, length), row-major.</param>
    /// <param name="weights">(rows).</param>
    /// <param name="sum">(length), changed in place.</param>
    public static void AddWeighted(ReadOnlySpan<float> rows, ReadOnlySpan<float> weights, Span<float> sum)
    {
        int row = 0, length = sum.Length;
        for (; row <= weights.Length - AtOnce && length % Vector256<float>.Count == 0; row += AtOnce)
        {
            Four four = new(rows, row, length);
            (float a, float b, float c, float d) = (weights[row], weights[row + 1], weights[row + 2], weights[row + 3]);
            for (int i = 0; i < length; i += Vector256<float>.Count)
            {
                Vector256<float> first = (Load(four.A, i) * a) + (Load(four.B, i) * b);
                Vector256<float> second = (Load(four.C, i) * c) + (Load(four.D, i) * d);
                (Load(sum, i) + (first + second)).CopyTo(sum[i..]);
            }
        }

        for (; row < weights.Length; row++)
            TensorPrimitives.MultiplyAdd(rows.Slice(row * length, length), weights[row], sum, sum);
    }

    private static void Write(Span<float> sums, Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) =>
        (sums[0], sums[1], sums[2], sums[3]) = (Vector256.Sum(a), Vector256.Sum(b), Vector256.Sum(c), Vector256.Sum(d));

    private static Vector256<float> Load(ReadOnlySpan<float> from, int at) => Vector256.Create(from.Slice(at, Vector256<float>.Count));

    /// <summary>Four rows that follow each other, (length) each.</summary>
    private readonly ref struct Four(ReadOnlySpan<float> rows, int first, int length)
    {
        public readonly ReadOnlySpan<float> A = rows.Slice(first * length, length);
        public readonly ReadOnlySpan<float> B = rows.Slice((first + 1) * length, length);
        public readonly ReadOnlySpan<float> C = rows.Slice((first + 2) * length, length);
        public readonly ReadOnlySpan<float> D = rows.Slice((first + 3) * length, length);
    }
}
