using System.Runtime.InteropServices;
using System.Text;

namespace KvNorm.Cli.Bench;

/// <summary>Writes GGUF version 3: metadata, tensor infos, and F32 tensor data aligned to 32 bytes.</summary>
internal sealed class GgufWriter
{
    private const int Alignment = 32; // GGUF's default
    private const uint Version = 3;
    private const uint F32 = 0; // of tensors
    private const uint UInt32 = 4, Int32 = 5, Float32 = 6, Bool = 7, Text = 8, Array = 9; // of metadata

    private readonly List<byte[]> _metadata = [];
    private readonly List<(string Name, int[] Shape, Func<float[]> Data)> _tensors = [];

    public void Add(string key, uint value) => AddKey(key, UInt32, writer => writer.Write(value));

    public void Add(string key, float value) => AddKey(key, Float32, writer => writer.Write(value));

    public void Add(string key, bool value) => AddKey(key, Bool, writer => writer.Write(value));

    public void Add(string key, string value) => AddKey(key, Text, writer => WriteString(writer, value));

    public void Add(string key, IReadOnlyList<string> values) => AddArray(key, Text, values, WriteString);

    public void Add(string key, IReadOnlyList<int> values) =>
        AddArray(key, Int32, values, static (writer, value) => writer.Write(value));

    public void Add(string key, IReadOnlyList<float> values) =>
        AddArray(key, Float32, values, static (writer, value) => writer.Write(value));

    /// <summary>Adds a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="data">Row-major.</param>
    /// <param name="shape">As ggml has it: the contiguous dimension first.</param>
    public void AddTensor(string name, float[] data, params int[] shape)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(data.Length, Elements(shape));
        AddTensor(name, () => data, shape);
    }

    /// <summary>Adds a tensor whose data is made when it is written, so that a large file is never in memory as a whole.</summary>
    /// <inheritdoc cref="AddTensor(string, float[], int[])"/>
    public void AddTensor(string name, Func<float[]> data, params int[] shape) => _tensors.Add((name, shape, data));

    public byte[] ToArray()
    {
        using MemoryStream file = new();
        WriteTo(file);
        return file.ToArray();
    }

    /// <summary>Writes the file to the beginning of a stream.</summary>
    public void WriteTo(Stream file)
    {
        using BinaryWriter writer = new(file, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(Version);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_metadata.Count);
        foreach (byte[] entry in _metadata)
            writer.Write(entry);
        ulong offset = 0;
        foreach ((string name, int[] shape, _) in _tensors)
        {
            WriteString(writer, name);
            writer.Write((uint)shape.Length);
            foreach (int size in shape)
                writer.Write((ulong)size);
            writer.Write(F32);
            writer.Write(offset);
            long bytes = Elements(shape) * sizeof(float);
            offset += (ulong)(bytes + Padding(bytes));
        }

        writer.Write(new byte[Padding(file.Position)]);
        foreach ((_, _, Func<float[]> data) in _tensors)
        {
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(data().AsSpan());
            writer.Write(bytes);
            writer.Write(new byte[Padding(bytes.Length)]);
        }
    }

    private static int Elements(int[] shape) => shape.Aggregate(1, static (product, size) => product * size);

    private static long Padding(long length) => (Alignment - (length % Alignment)) % Alignment;

    private static void WriteString(BinaryWriter writer, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)utf8.Length);
        writer.Write(utf8);
    }

    private void AddArray<T>(string key, uint type, IReadOnlyList<T> values, Action<BinaryWriter, T> write) =>
        AddKey(key, Array, writer =>
    {
        writer.Write(type);
        writer.Write((ulong)values.Count);
        foreach (T value in values)
            write(writer, value);
    });

    private void AddKey(string key, uint type, Action<BinaryWriter> write)
    {
        using MemoryStream entry = new();
        using BinaryWriter writer = new(entry);
        WriteString(writer, key);
        writer.Write(type);
        write(writer);
        _metadata.Add(entry.ToArray());
    }
}
