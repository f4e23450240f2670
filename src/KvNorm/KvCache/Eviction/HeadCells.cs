using KvNorm.KvCache.Archive;
using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Eviction;

/// <summary>The rows of one layer and head inside of a state, to be moved about.</summary>
/// <param name="keys">The keys of the layer, (rows, KeyRowBytes), row-major.</param>
/// <param name="values">Its values, (rows, ValueRowBytes), row-major.</param>
/// <param name="shape">The layer's shape.</param>
/// <param name="head">The head's number in the layer.</param>
/// <param name="rotation">What turns the keys; null when they keep their rotation.</param>
/// <param name="scratch">For one key, (KeyLength).</param>
internal readonly ref struct HeadCells(
    Span<byte> keys, Span<byte> values, LayerGeometry shape, int head, RopeRotation? rotation, Span<float> scratch)
{
    private readonly Span<byte> _keys = keys, _values = values;
    private readonly Span<float> _scratch = scratch;

    /// <summary>Copies a row to the place of another.</summary>
    public void Move(int from, int to)
    {
        TurnKey(KeyOf(_keys, from), KeyOf(_keys, to), to - from);
        ValueOf(_values, from).CopyTo(ValueOf(_values, to));
    }

    /// <summary>Turns the key of a row by some positions, where it is.</summary>
    public void Turn(int row, int positions) => TurnKey(KeyOf(_keys, row), KeyOf(_keys, row), positions);

    /// <summary>Puts an archived row of a layer into a place.</summary>
    /// <param name="rows">The archived rows.</param>
    /// <param name="index">The one to put.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="to">The place.</param>
    public void Bring(ArchivedRows rows, int index, int layer, int to)
    {
        TurnKey(KeyOf(rows.Keys(index, layer), 0), KeyOf(_keys, to), to - rows.Position(index));
        ValueOf(rows.Values(index, layer), 0).CopyTo(ValueOf(_values, to));
    }

    private void TurnKey(ReadOnlySpan<byte> from, Span<byte> to, int positions)
    {
        if (rotation is null || positions == 0)
        {
            from.CopyTo(to);
            return;
        }

        shape.Key.Read(from, _scratch);
        rotation.Rotate(_scratch, positions);
        shape.Key.Write(_scratch, to);
    }

    private Span<byte> KeyOf(Span<byte> rows, int row) => rows.Slice((row * shape.KeyRowBytes) + (head * shape.Key.Bytes), shape.Key.Bytes);

    private Span<byte> ValueOf(Span<byte> rows, int row) =>
        rows.Slice((row * shape.ValueRowBytes) + (head * shape.Value.Bytes), shape.Value.Bytes);
}
