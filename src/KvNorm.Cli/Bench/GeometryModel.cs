using System.Runtime.InteropServices;
using System.Text;

namespace KvNorm.Cli.Bench;

/// <summary>
/// A file of a Llama model with a cache of some shape, random weights and little else, so that a long cache is filled in bearable time.
/// Deleted when disposed of.
/// </summary>
internal sealed class GeometryModel : IDisposable
{
    private const int Embedding = 64;
    private const int ContextLength = 1 << 18;
    private const uint Version = 3, F32 = 0; // of GGUF; of its tensors
    private const int Alignment = 32;
    private const uint UInt32 = 4, Int32 = 5, Float32 = 6, Text = 8, Array = 9; // GGUF's numbers of types
    private const int UnknownToken = 2, ControlToken = 3, ByteToken = 6; // llama.cpp's kinds of tokens

    private static readonly string[] Tokens =
        ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(static value => $"<0x{value:X2}>")];

    private readonly Random _random = new(1);
    private readonly List<(string Key, Action<BinaryWriter> Write)> _metadata = [];
    private readonly List<(string Name, int[] Shape)> _tensors = []; // the contiguous dimension first, as ggml has it

    public GeometryModel(ModelGeometry geometry)
    {
        Describe(geometry);
        AddTensors(geometry);
        using BinaryWriter file = new(File.Create(Path));
        WriteHeader(file);
        foreach ((_, int[] shape) in _tensors)
            WriteWeights(file, shape);
    }

    /// <summary>Gets where the file is.</summary>
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"kvnorm-bench-{Guid.NewGuid():N}.gguf");

    public void Dispose() => File.Delete(Path);

    private void Describe(ModelGeometry geometry)
    {
        Add("general.architecture", "llama");
        Add("general.name", $"random weights, cache of {geometry.Name}");
        Add("llama.vocab_size", (uint)Tokens.Length);
        Add("llama.block_count", (uint)geometry.Layers);
        Add("llama.context_length", ContextLength);
        Add("llama.embedding_length", Embedding);
        Add("llama.feed_forward_length", Embedding);
        Add("llama.attention.head_count", (uint)geometry.Heads);
        Add("llama.attention.head_count_kv", (uint)geometry.Heads);
        Add("llama.attention.key_length", (uint)geometry.HeadLength);
        Add("llama.attention.value_length", (uint)geometry.HeadLength);
        Add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        Add("llama.rope.dimension_count", (uint)geometry.HeadLength);
        Add("llama.rope.freq_base", 500_000f);
        Add("tokenizer.ggml.model", "llama");
        Add("tokenizer.ggml.tokens", Text, Tokens, static (writer, text) => WriteText(writer, text));
        Add("tokenizer.ggml.scores", Float32, Tokens, static (writer, _) => writer.Write(0f));
        Add("tokenizer.ggml.token_type", Int32, Tokens, static (writer, token) => writer.Write(KindOf(token)));
        Add("tokenizer.ggml.unknown_token_id", 0);
        Add("tokenizer.ggml.bos_token_id", 1);
        Add("tokenizer.ggml.eos_token_id", 2);
    }

    private void AddTensors(ModelGeometry geometry)
    {
        int row = geometry.Heads * geometry.HeadLength;
        _tensors.AddRange([("token_embd.weight", [Embedding, Tokens.Length]), ("output_norm.weight", [Embedding])]);
        for (int layer = 0; layer < geometry.Layers; layer++)
        {
            string prefix = $"blk.{layer}.";
            _tensors.AddRange(
            [
                (prefix + "attn_norm.weight", [Embedding]), (prefix + "ffn_norm.weight", [Embedding]),
                (prefix + "attn_q.weight", [Embedding, row]), (prefix + "attn_k.weight", [Embedding, row]),
                (prefix + "attn_v.weight", [Embedding, row]), (prefix + "attn_output.weight", [row, Embedding]),
                (prefix + "ffn_gate.weight", [Embedding, Embedding]), (prefix + "ffn_up.weight", [Embedding, Embedding]),
                (prefix + "ffn_down.weight", [Embedding, Embedding]),
            ]);
        }
    }

    private void WriteHeader(BinaryWriter file)
    {
        file.Write("GGUF"u8);
        file.Write(Version);
        file.Write((ulong)_tensors.Count);
        file.Write((ulong)_metadata.Count);
        foreach ((string key, Action<BinaryWriter> write) in _metadata)
        {
            WriteText(file, key);
            write(file);
        }

        ulong offset = 0;
        foreach ((string name, int[] shape) in _tensors)
        {
            WriteText(file, name);
            file.Write((uint)shape.Length);
            foreach (int size in shape)
                file.Write((ulong)size);
            file.Write(F32);
            file.Write(offset);
            offset += (ulong)(Elements(shape) * sizeof(float)); // whole multiples of the alignment, since the embedding is one
        }

        file.Write(new byte[(Alignment - (file.BaseStream.Position % Alignment)) % Alignment]);
    }

    // Norms are 1; a matrix keeps the size of what it is multiplied with.
    private void WriteWeights(BinaryWriter file, int[] shape)
    {
        float[] weights = new float[Elements(shape)];
        double size = Math.Sqrt(12.0 / shape[0]); // of numbers spread evenly over a range of 1
        for (int i = 0; i < weights.Length; i++)
            weights[i] = shape.Length == 1 ? 1 : (float)((_random.NextDouble() - 0.5) * size);
        file.Write(MemoryMarshal.AsBytes(weights.AsSpan()));
    }

    private static int Elements(int[] shape) => shape.Aggregate(1, static (product, size) => product * size);

    private static int KindOf(string token)
    {
        if (token == Tokens[0])
            return UnknownToken;
        return token.StartsWith("<0x", StringComparison.Ordinal) ? ByteToken : ControlToken;
    }

    private void Add(string key, uint value) => _metadata.Add((key, writer =>
    {
        writer.Write(UInt32);
        writer.Write(value);
    }));

    private void Add(string key, float value) => _metadata.Add((key, writer =>
    {
        writer.Write(Float32);
        writer.Write(value);
    }));

    private void Add(string key, string value) => _metadata.Add((key, writer =>
    {
        writer.Write(Text);
        WriteText(writer, value);
    }));

    private void Add(string key, uint type, string[] tokens, Action<BinaryWriter, string> write) => _metadata.Add((key, writer =>
    {
        writer.Write(Array);
        writer.Write(type);
        writer.Write((ulong)tokens.Length);
        foreach (string token in tokens)
            write(writer, token);
    }));

    private static void WriteText(BinaryWriter writer, string text)
    {
        writer.Write((ulong)Encoding.UTF8.GetByteCount(text));
        writer.Write(Encoding.UTF8.GetBytes(text));
    }
}
