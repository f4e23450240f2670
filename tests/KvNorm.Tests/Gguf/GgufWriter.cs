using System.Runtime.InteropServices;
using System.Text;
using KvNorm.Runtime.Gguf;

namespace KvNorm.Tests.Gguf;

/// <summary>Writes GGUF version 3: metadata, tensor infos, and F32 tensor data aligned to 32 bytes.</summary>
internal sealed class GgufWriter
{
    private const int Alignment = 32; // GGUF's default
    private const uint Version = 3;
    private const uint F32 = 0;

    private readonly List<byte[]> _metadata = [];
    private readonly List<(string Name, int[] Shape, float[] Data)> _tensors = [];

    public void Add(string key, uint value) => AddKey(key, GgufType.UInt32, writer => writer.Write(value));

    public void Add(string key, float value) => AddKey(key, GgufType.Float32, writer => writer.Write(value));

    public void Add(string key, bool value) => AddKey(key, GgufType.Bool, writer => writer.Write(value));

    public void Add(string key, string value) => AddKey(key, GgufType.String, writer => WriteString(writer, value));

    public void Add(string key, IReadOnlyList<string> values) => AddArray(key, GgufType.String, values, WriteString);

    public void Add(string key, IReadOnlyList<int> values) =>
        AddArray(key, GgufType.Int32, values, static (writer, value) => writer.Write(value));

    public void Add(string key, IReadOnlyList<float> values) =>
        AddArray(key, GgufType.Float32, values, static (writer, value) => writer.Write(value));

    /// <summary>Adds a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="data">Row-major.</param>
    /// <param name="shape">As ggml has it: the contiguous dimension first.</param>
    public void AddTensor(string name, float[] data, params int[] shape)
    {
        int elements = shape.Aggregate(1, static (product, size) => product * size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(data.Length, elements);
        _tensors.Add((name, shape, data));
    }

    public byte[] ToArray()
    {
        using MemoryStream file = new();
        using BinaryWriter writer = new(file);
        writer.Write("GGUF"u8);
        writer.Write(Version);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_metadata.Count);
        foreach (byte[] entry in _metadata)
            writer.Write(entry);
        ulong offset = 0;
        foreach ((string name, int[] shape, float[] data) in _tensors)
        {
            WriteString(writer, name);
            writer.Write((uint)shape.Length);
            foreach (int size in shape)
                writer.Write((ulong)size);
            writer.Write(F32);
            writer.Write(offset);
            offset += (ulong)(data.Length * sizeof(float) + Padding(data.Length * sizeof(float)));
        }

        writer.Write(new byte[Padding((int)file.Position)]);
        foreach ((_, _, float[] data) in _tensors)
        {
            writer.Write(MemoryMarshal.AsBytes(data.AsSpan()));
            writer.Write(new byte[Padding(data.Length * sizeof(float))]);
        }

        return file.ToArray();
    }

    private static int Padding(int length) => (Alignment - (length % Alignment)) % Alignment;

    private static void WriteString(BinaryWriter writer, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)utf8.Length);
        writer.Write(utf8);
    }

    private void AddArray<T>(string key, GgufType type, IReadOnlyList<T> values, Action<BinaryWriter, T> write) =>
        AddKey(key, GgufType.Array, writer =>
    {
        writer.Write((uint)type);
        writer.Write((ulong)values.Count);
        foreach (T value in values)
            write(writer, value);
    });

    private void AddKey(string key, GgufType type, Action<BinaryWriter> write)
    {
        using MemoryStream entry = new();
        using BinaryWriter writer = new(entry);
        WriteString(writer, key);
        writer.Write((uint)type);
        write(writer);
        _metadata.Add(entry.ToArray());
    }
}
