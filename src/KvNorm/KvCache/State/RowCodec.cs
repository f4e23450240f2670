namespace KvNorm.KvCache.State;

/// <summary>Between the bytes of a row and its elements: one subclass per way of storing them.</summary>
internal abstract class RowCodec
{
    private static readonly Dictionary<KvCacheType, RowCodec> All = new()
    {
        [KvCacheType.F32] = new FloatCodec(KvCacheType.F32),
        [KvCacheType.F16] = new FloatCodec(KvCacheType.F16),
        [KvCacheType.BF16] = new FloatCodec(KvCacheType.BF16),
        [KvCacheType.Q8_0] = new ByteBlockCodec(),
        [KvCacheType.Q5_1] = new NibbleBlockCodec(bits: 5, hasMinimum: true),
        [KvCacheType.Q5_0] = new NibbleBlockCodec(bits: 5, hasMinimum: false),
        [KvCacheType.Q4_1] = new NibbleBlockCodec(bits: 4, hasMinimum: true),
        [KvCacheType.Q4_0] = new NibbleBlockCodec(bits: 4, hasMinimum: false),
    };

    /// <summary>Gets the elements that are stored together; rows, and heads in them, are whole numbers of these.</summary>
    public abstract int BlockLength { get; }

    /// <summary>Gets the bytes of such a block.</summary>
    public abstract int BlockBytes { get; }

    /// <summary>The codec of a type.</summary>
    public static RowCodec Of(KvCacheType type) => All[type];

    /// <summary>Whether a number of ggml's is that of a type a cache can have.</summary>
    public static bool Knows(int ggmlType) => All.ContainsKey((KvCacheType)ggmlType);

    /// <summary>The bytes of some elements, whole blocks.</summary>
    public int BytesOf(int elements) => checked(elements / BlockLength * BlockBytes);

    /// <summary>The elements of some bytes, whole blocks.</summary>
    public int ElementsOf(int bytes) => checked(bytes / BlockBytes * BlockLength);

    /// <summary>Reads elements.</summary>
    /// <param name="bytes">As many whole blocks as there are elements.</param>
    /// <param name="elements">Receives them.</param>
    public abstract void Decode(ReadOnlySpan<byte> bytes, Span<float> elements);

    /// <summary>Writes elements, rounded to what the type can say.</summary>
    /// <param name="elements">The elements, whole blocks.</param>
    /// <param name="bytes">Receives as many blocks.</param>
    public abstract void Encode(ReadOnlySpan<float> elements, Span<byte> bytes);
}
