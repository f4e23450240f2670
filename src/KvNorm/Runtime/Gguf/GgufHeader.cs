namespace KvNorm.Runtime.Gguf;

/// <summary>
/// The header of a GGUF file: metadata, and what its tensors are like. Read here before llama.cpp sees the file, since some of what a
/// header can say ends the process there.
/// </summary>
internal sealed class GgufHeader
{
    private const int MaximumKey = 1024, MaximumTensorName = 63; // bytes; the second is GGML_MAX_NAME without its final zero
    private const int MaximumDimensions = 4; // GGML_MAX_DIMS
    private const int MinimumEntry = sizeof(ulong) + 1 + sizeof(uint) + 1;
    private const int MinimumTensor = sizeof(ulong) + 1 + sizeof(uint) + sizeof(ulong) + sizeof(uint) + sizeof(ulong);
    private const int DefaultAlignment = 32, MaximumAlignment = 1 << 20;
    private const string AlignmentKey = "general.alignment";

    private readonly GgufReader _reader;
    private readonly Dictionary<string, GgufValue> _metadata = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GgufTensor> _tensors = new(StringComparer.Ordinal);

    private GgufHeader(GgufReader reader)
    {
        _reader = reader;
        if (_reader.ReadUInt32() is var version and not (2 or 3))
            throw Refuse($"it is written in version {version} of GGUF, or by a machine of the other byte order; 2 and 3 are possible");
        long tensors = _reader.ReadCount("tensors", MinimumTensor), entries = _reader.ReadCount("keys", MinimumEntry);
        for (long i = 0; i < entries; i++)
            ReadEntry();
        ReadTensors(tensors);
    }

    public IReadOnlyDictionary<string, GgufValue> Metadata => _metadata;

    public IReadOnlyDictionary<string, GgufTensor> Tensors => _tensors;

    /// <summary>Gets the bytes of the whole file.</summary>
    public long FileLength => _reader.Length;

    /// <summary>Gets the bytes before the first tensor.</summary>
    public long DataStart { get; private set; }

    /// <summary>Reads a header.</summary>
    /// <param name="file">The file, after the four bytes of its magic.</param>
    /// <param name="path">How messages name it.</param>
    /// <exception cref="InvalidDataException">It contradicts itself or the length of the file.</exception>
    public static GgufHeader Read(Stream file, string path) => new(new GgufReader(file, path));

    /// <summary>The number that an entry is; null where there is none of that key, or it is no number.</summary>
    public double? Number(string key) => _metadata.GetValueOrDefault(key) is { IsNumber: true } value ? value.Numbers[0] : null;

    /// <summary>The exception that says what is wrong with the file.</summary>
    public InvalidDataException Refuse(string reason) => _reader.Refuse(reason);

    private void ReadEntry()
    {
        string key = _reader.ReadName("a key", MaximumKey);
        if (!_metadata.TryAdd(key, _reader.ReadValue(findsRepeated: key == GgufVocabulary.Tokens)))
            throw Refuse($"the key '{key}' is there twice");
    }

    private void ReadTensors(long count)
    {
        int alignment = ReadAlignment();
        List<(string Name, long[] Shape, GgufTensorType Type, ulong Offset)> infos = [];
        for (long i = 0; i < count; i++)
        {
            string name = _reader.ReadName("the name of a tensor", MaximumTensorName);
            (long[] shape, GgufTensorType type) = (ReadShape(name), ReadType(name));
            infos.Add((name, shape, type, _reader.ReadUInt64()));
        }

        DataStart = (_reader.Position + alignment - 1) / alignment * alignment;
        foreach ((string name, long[] shape, GgufTensorType type, ulong offset) in infos)
        {
            if (!_tensors.TryAdd(name, Place(name, shape, type, offset, alignment)))
                throw Refuse($"the tensor '{name}' is there twice");
        }
    }

    private int ReadAlignment()
    {
        if (!_metadata.TryGetValue(AlignmentKey, out GgufValue? value))
            return DefaultAlignment;
        bool isSound = value is { Type: GgufType.UInt32, IsNumber: true } && value.Numbers[0] is >= 1 and <= MaximumAlignment
            && int.IsPow2((int)value.Numbers[0]);
        return isSound ? (int)value.Numbers[0] : throw Refuse($"{AlignmentKey} is {value}; a power of two is possible");
    }

    private long[] ReadShape(string tensor)
    {
        uint dimensions = _reader.ReadUInt32();
        if (dimensions is 0 or > MaximumDimensions)
            throw Refuse($"the tensor '{tensor}' has {dimensions} dimensions; 1 to {MaximumDimensions} are possible");
        long[] shape = new long[dimensions];
        for (int i = 0; i < shape.Length; i++)
        {
            ulong size = _reader.ReadUInt64();
            if (size is 0 or > int.MaxValue)
                throw Refuse($"a dimension of the tensor '{tensor}' is {size}; 1 to {int.MaxValue} are possible");
            shape[i] = (long)size;
        }

        return shape;
    }

    private GgufTensorType ReadType(string tensor)
    {
        uint number = _reader.ReadUInt32();
        return GgufTensorType.Of(number) ?? throw Refuse($"the tensor '{tensor}' is of type {number}, which weights cannot have");
    }

    private GgufTensor Place(string name, long[] shape, GgufTensorType type, ulong offset, int alignment)
    {
        if (shape[0] % type.BlockElements != 0)
            throw Refuse($"the tensor '{name}' has rows of {shape[0]} elements, no whole blocks of {type.Name}");
        UInt128 length = (UInt128)type.BlockBytes * (ulong)(shape[0] / type.BlockElements);
        foreach (long size in shape.AsSpan(1))
            length = UInt128.Min(length * (ulong)size, long.MaxValue); // cannot pass 128 bits
        long available = Math.Max(0, _reader.Length - DataStart);
        if (offset % (ulong)alignment != 0 || offset + length > (ulong)available)
            throw Refuse($"the tensor '{name}' lies beyond the end of the file ({_reader.Length} bytes); download it again");
        return new GgufTensor(name, shape, type, DataStart + (long)offset, (long)length);
    }
}
