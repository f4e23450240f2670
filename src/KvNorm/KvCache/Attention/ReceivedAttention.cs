using System.Buffers;
using System.Numerics.Tensors;
using KvNorm.KvCache.Scoring;
using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Attention;

/// <summary>
/// The attention that the rows of a head receive, as llama.cpp computes it: softmax of scale · query · key over the rows so far.
/// </summary>
/// <param name="log">The queries.</param>
internal sealed class ReceivedAttention(QueryLog log)
{
    /// <summary>Sums what the rows of a KV head receive from the latest tokens, as a mean over the query heads that share it.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="head">The KV head's number in the layer.</param>
    /// <param name="shape">The shape of the layer's cache.</param>
    /// <param name="tokens">The logical token of each row, (rows), ascending.</param>
    /// <param name="window">The maximum of tokens that are asked.</param>
    /// <param name="keys">The keys with RoPE, (rows, keyLength), row-major.</param>
    /// <param name="received">Receives the sums, (rows).</param>
    /// <returns>The tokens that were asked: those of the last rows.</returns>
    public int Sum(
        int layer, int head, LayerGeometry shape, ReadOnlySpan<int> tokens, int window, ReadOnlySpan<float> keys, Span<float> received)
    {
        received.Clear();
        int end = tokens.IsEmpty ? 0 : Math.Min(log.End, tokens[^1] + 1), asked = Math.Min(window, end - log.Start);
        if (asked <= 0 || end - 1 != tokens[^1])
            return 0;
        (int queryHeads, int length, float scale) = log.ShapeOf(layer);
        int shared = queryHeads / shape.Heads;
        float[] rented = ArrayPool<float>.Shared.Rent(tokens.Length + length);
        Span<float> query = rented.AsSpan(0, length), weights = rented.AsSpan(length, tokens.Length);
        for (int row = tokens.Length - asked; row < tokens.Length; row++)
        {
            ReadOnlySpan<Half> queries = log.Queries(layer, tokens[row]).Slice(head * shared * length, shared * length);
            for (int i = 0; i < shared; i++)
            {
                HalfRows.ToSingle(queries.Slice(i * length, length), query);
                Hadamard.Apply(query, shape.Key.HadamardBlock); // as llama.cpp transforms them like the keys they meet
                TensorPrimitives.Multiply(query, scale, query);
                Attend(query, keys, weights[..(row + 1)]);
                TensorPrimitives.MultiplyAdd(weights[..(row + 1)], 1f / shared, received[..(row + 1)], received[..(row + 1)]);
            }
        }

        ArrayPool<float>.Shared.Return(rented);
        return asked;
    }

    private static void Attend(ReadOnlySpan<float> query, ReadOnlySpan<float> keys, Span<float> weights)
    {
        RowProducts.Dots(keys, query, weights);
        TensorPrimitives.Subtract(weights, TensorPrimitives.Max<float>(weights), weights);
        TensorPrimitives.SoftMax(weights, weights);
    }
}
