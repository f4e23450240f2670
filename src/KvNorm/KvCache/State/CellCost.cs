using KvNorm.Runtime;

namespace KvNorm.KvCache.State;

/// <summary>
/// What the cells of a slot cost. Layers with a sliding window have a cache of their own, which llama.cpp makes as large as the window and
/// a batch, whatever the rest holds.
/// </summary>
/// <param name="Bytes">Bytes of a cell over all layers that see everything.</param>
/// <param name="WindowBytes">Bytes of a cell over all layers with a window.</param>
/// <param name="Window">Tokens that these see; 0 where there are none.</param>
internal readonly record struct CellCost(long Bytes, long WindowBytes = 0, int Window = 0)
{
    /// <summary>
    /// Tokens of one decode: enough to keep the matrix units busy, few enough that a GPU's decode, which cannot be stopped, ends soon.
    /// </summary>
    public const int LargestBatch = 512;

    /// <summary>The bytes that some cells take.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="sequences">The sequences that take them of one pool: each has its window in it, all share the batch.</param>
    public long BytesOf(long cells, int sequences = 1) => (cells * Bytes) + (Math.Min(cells, WindowCells(sequences)) * WindowBytes);

    /// <summary>The cells that some bytes are enough for.</summary>
    public long CellsIn(long bytes)
    {
        long withAll = bytes / (Bytes + WindowBytes);
        return withAll < WindowCells(1) ? withAll : (bytes - (WindowCells(1) * WindowBytes)) / Bytes;
    }

    // Where the cells are fewer, the layers with a window have no more of them.
    private long WindowCells(int sequences) =>
        (((long)Window * sequences) + LargestBatch + LlamaContext.CellPadding - 1) / LlamaContext.CellPadding * LlamaContext.CellPadding;
}
