namespace KvNorm.KvCache.State;

/// <summary>The shape of one layer's cache.</summary>
/// <param name="Heads">KV heads.</param>
/// <param name="Key">One head's key.</param>
/// <param name="Value">One head's value.</param>
internal sealed record LayerGeometry(int Heads, HeadFormat Key, HeadFormat Value)
{
    /// <summary>A layer of f16.</summary>
    public LayerGeometry(int heads, int keyLength, int valueLength)
        : this(heads, new HeadFormat(KvCacheType.F16, keyLength), new HeadFormat(KvCacheType.F16, valueLength))
    {
    }

    /// <summary>Gets the elements of one head's key.</summary>
    public int KeyLength => Key.Length;

    /// <summary>Gets the elements of one head's value.</summary>
    public int ValueLength => Value.Length;

    /// <summary>Gets the bytes of one cell's keys: all heads one after another.</summary>
    public int KeyRowBytes => Heads * Key.Bytes;

    /// <summary>Gets the bytes of one cell's values.</summary>
    public int ValueRowBytes => Heads * Value.Bytes;
}
