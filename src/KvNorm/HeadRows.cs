namespace KvNorm;

/// <summary>What a scorer sees: the rows of one layer and KV head, in time order, as f32.</summary>
internal readonly ref struct HeadRows
{
    /// <summary>Gets the number of the (layer, head) pair.</summary>
    public required int Head { get; init; }

    /// <summary>Gets the number of rows.</summary>
    public required int Count { get; init; }

    /// <summary>Gets the first row that no eviction has scored before.</summary>
    public required int FirstNew { get; init; }

    /// <summary>Gets the elements of a key.</summary>
    public required int KeyLength { get; init; }

    /// <summary>Gets the elements of a value.</summary>
    public required int ValueLength { get; init; }

    /// <summary>Gets the keys with RoPE off where it can be taken off, (rows, KeyLength), row-major; empty unless asked for.</summary>
    public ReadOnlySpan<float> Keys { get; init; }

    /// <summary>Gets the values, (rows, ValueLength), row-major; empty unless asked for.</summary>
    public ReadOnlySpan<float> Values { get; init; }

    /// <summary>Gets the logical token of each row, (rows).</summary>
    public required ReadOnlySpan<int> Tokens { get; init; }

    public ReadOnlySpan<float> Key(int row) => Keys.Slice(row * KeyLength, KeyLength);

    public ReadOnlySpan<float> Value(int row) => Values.Slice(row * ValueLength, ValueLength);
}
