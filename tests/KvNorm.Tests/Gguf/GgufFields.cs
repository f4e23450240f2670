using System.Buffers.Binary;
using System.Text;

namespace KvNorm.Tests.Gguf;

/// <summary>Where in the bytes of a sound GGUF file each thing stands that its header says.</summary>
internal sealed class GgufFields
{
    /// <summary>Which field of an entry its value begins with.</summary>
    public const int FirstValue = 3;

    private const int FirstEntry = 24; // after magic, version and the two counts
    private const uint TextType = 8, ArrayType = 9;

    private readonly byte[] _file;
    private readonly List<List<Range>> _entries = [], _tensors = [];
    private int _at = FirstEntry;

    public GgufFields(byte[] file)
    {
        _file = file;
        long tensors = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(8));
        long entries = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(16));
        for (long i = 0; i < entries; i++)
            _entries.Add(ReadEntry());
        for (long i = 0; i < tensors; i++)
            _tensors.Add(ReadTensor());
    }

    /// <summary>Gets the fields of each metadata entry, one after the other and without gaps.</summary>
    public IReadOnlyList<List<Range>> Entries => _entries;

    /// <summary>Gets the same of each tensor.</summary>
    public IReadOnlyList<List<Range>> Tensors => _tensors;

    /// <summary>Gets the bytes of the header, without the padding after it.</summary>
    public int Length => _at;

    /// <summary>A place in the value of a metadata entry.</summary>
    /// <param name="key">The entry.</param>
    /// <param name="place">Which field behind its key and type: 0 for the value of a number.</param>
    public Range Value(string key, int place = 0) =>
        _entries.Single(entry => Encoding.UTF8.GetString(_file[entry[1]]) == key)[FirstValue + place];

    private List<Range> ReadEntry()
    {
        List<Range> fields = [];
        ReadText(fields);
        ReadValue(ReadUInt32(fields), fields);
        return fields;
    }

    private List<Range> ReadTensor()
    {
        List<Range> fields = [];
        ReadText(fields);
        uint dimensions = ReadUInt32(fields);
        for (uint i = 0; i < dimensions; i++)
            ReadUInt64(fields);
        ReadUInt32(fields);
        ReadUInt64(fields);
        return fields;
    }

    private void ReadValue(uint type, List<Range> fields)
    {
        if (type == TextType)
        {
            ReadText(fields);
        }
        else if (type == ArrayType)
        {
            uint of = ReadUInt32(fields);
            ulong count = ReadUInt64(fields);
            for (ulong i = 0; i < count; i++)
                ReadValue(of, fields);
        }
        else
        {
            Take(fields, type switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 4 or 5 or 6 => 4, _ => 8 });
        }
    }

    private void ReadText(List<Range> fields) => Take(fields, (int)ReadUInt64(fields));

    private uint ReadUInt32(List<Range> fields) => BinaryPrimitives.ReadUInt32LittleEndian(Take(fields, sizeof(uint)));

    private ulong ReadUInt64(List<Range> fields) => BinaryPrimitives.ReadUInt64LittleEndian(Take(fields, sizeof(ulong)));

    private ReadOnlySpan<byte> Take(List<Range> fields, int length)
    {
        fields.Add(_at..(_at + length));
        _at += length;
        return _file.AsSpan(_at - length, length);
    }
}
