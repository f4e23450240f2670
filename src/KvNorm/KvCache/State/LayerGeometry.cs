namespace KvNorm.KvCache.State;

/// <summary>The shape of one layer's cache, f16.</summary>
/// <param name="Heads">KV heads.</param>
/// <param name="KeyLength">Elements of one head's key.</param>
/// <param name="ValueLength">Elements of one head's value.</param>
internal sealed record LayerGeometry(int Heads, int KeyLength, int ValueLength)
{
    /// <summary>Halves in one cell's keys: all heads one after another.</summary>
    public int KeyRow => Heads * KeyLength;

    /// <summary>Halves in one cell's values.</summary>
    public int ValueRow => Heads * ValueLength;
}
