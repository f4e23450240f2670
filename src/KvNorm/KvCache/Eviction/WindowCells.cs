using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Eviction;

/// <summary>
/// The cache of the layers with a sliding window, which llama.cpp empties by itself: an eviction leaves its rows. Where the rows of the
/// other layers get new positions, its cells move along, since the next token stands after the last one in both caches.
/// </summary>
/// <param name="geometry">Its shape.</param>
/// <param name="rotations">What turns the keys of each of its layers; null for one that does not turn them.</param>
internal sealed class WindowCells(CacheGeometry geometry, IReadOnlyList<RopeRotation?> rotations)
{
    /// <summary>Moves all cells. Those that would come before position 0 are dropped: no other layer holds so many rows.</summary>
    /// <param name="cells">The cells, the last of which stays.</param>
    /// <param name="by">New position minus old position.</param>
    /// <param name="parallel">How many layers are turned at a time.</param>
    public void Move(SequenceState cells, int by, ParallelOptions parallel)
    {
        if (by == 0)
            return;
        cells.SortByPosition();
        int dropped = 0;
        while (cells.Position(dropped) + by < 0)
            dropped++;
        if (dropped > 0)
            cells.Remove(0, dropped);
        Parallel.For(0, geometry.Layers.Count, parallel, layer => Turn(cells, layer, by));
        cells.Truncate([.. Enumerable.Range(0, cells.CellCount).Select(cell => cells.Position(cell) + by)]);
    }

    private void Turn(SequenceState cells, int layer, int by)
    {
        LayerGeometry shape = geometry.Layers[layer];
        Span<float> scratch = stackalloc float[shape.KeyLength];
        for (int head = 0; head < shape.Heads; head++)
        {
            HeadCells rows = new(cells.Keys(layer), cells.Values(layer), shape, head, rotations[layer], scratch);
            for (int row = 0; row < cells.CellCount; row++)
                rows.Turn(row, by);
        }
    }
}
