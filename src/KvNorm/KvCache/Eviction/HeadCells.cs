using System.Numerics.Tensors;
using KvNorm.KvCache.Archive;
using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Eviction;

/// <summary>The rows of one layer and head inside of a state, to be moved about.</summary>
/// <param name="keys">The keys of the layer, (rows, KeyRow), row-major.</param>
/// <param name="values">Its values, (rows, ValueRow), row-major.</param>
/// <param name="shape">The layer's shape.</param>
/// <param name="head">The head's number in the layer.</param>
/// <param name="rotation">What turns the keys; null when they keep their rotation.</param>
/// <param name="scratch">For one key, (KeyLength).</param>
internal readonly ref struct HeadCells(
    Span<Half> keys, Span<Half> values, LayerGeometry shape, int head, RopeRotation? rotation, Span<float> scratch)
{
    private readonly Span<Half> _keys = keys, _values = values;
    private readonly Span<float> _scratch = scratch;

    /// <summary>Copies a row to the place of another.</summary>
    public void Move(int from, int to)
    {
        TurnKey(KeyOf(_keys, from), KeyOf(_keys, to), to - from);
        ValueOf(_values, from).CopyTo(ValueOf(_values, to));
    }

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

    private void TurnKey(ReadOnlySpan<Half> from, Span<Half> to, int positions)
    {
        if (rotation is null)
        {
            from.CopyTo(to);
            return;
        }

        HalfRows.ToSingle(from, _scratch);
        rotation.Rotate(_scratch, positions);
        TensorPrimitives.ConvertToHalf(_scratch, to);
    }

    private Span<Half> KeyOf(Span<Half> rows, int row) => rows.Slice((row * shape.KeyRow) + (head * shape.KeyLength), shape.KeyLength);

    private Span<Half> ValueOf(Span<Half> rows, int row) =>
        rows.Slice((row * shape.ValueRow) + (head * shape.ValueLength), shape.ValueLength);
}
