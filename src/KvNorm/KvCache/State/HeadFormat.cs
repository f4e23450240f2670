namespace KvNorm.KvCache.State;

/// <summary>How one head's key or value lies in the cache.</summary>
/// <param name="Type">What its elements are stored as.</param>
/// <param name="Length">Its elements.</param>
/// <param name="HadamardBlock">Elements that llama.cpp has transformed together before it stored them; 0 for none.</param>
internal sealed record HeadFormat(KvCacheType Type, int Length, int HadamardBlock = 0)
{
    private readonly RowCodec _codec = RowCodec.Of(Type);

    /// <summary>Gets the bytes of a head.</summary>
    public int Bytes { get; } = RowCodec.Of(Type).BytesOf(Length);

    /// <summary>Gets whether elements share a scale.</summary>
    public bool IsQuantised => _codec.BlockLength > 1;

    /// <summary>Reads a head as the model made it, with RoPE.</summary>
    /// <param name="bytes">(<see cref="Bytes"/>).</param>
    /// <param name="elements">Receives (Length).</param>
    public void Read(ReadOnlySpan<byte> bytes, Span<float> elements)
    {
        _codec.Decode(bytes, elements);
        Hadamard.Apply(elements, HadamardBlock);
    }

    /// <summary>Reads the heads of one cell's row, (heads, Length), row-major.</summary>
    public float[] ReadRow(ReadOnlySpan<byte> row, int heads)
    {
        float[] elements = new float[heads * Length];
        for (int head = 0; head < heads; head++)
            Read(row.Slice(head * Bytes, Bytes), elements.AsSpan(head * Length, Length));
        return elements;
    }

    /// <summary>Writes a head, rounded to what its type can say.</summary>
    /// <param name="elements">(Length); undefined afterwards.</param>
    /// <param name="bytes">Receives (<see cref="Bytes"/>).</param>
    public void Write(Span<float> elements, Span<byte> bytes)
    {
        Hadamard.Apply(elements, HadamardBlock);
        _codec.Encode(elements, bytes);
    }
}
