namespace KvNorm.Cli.Bench;

/// <summary>
/// A file of a Llama model with a cache of some shape, random weights and little else, so that a long cache is filled in bearable time.
/// Deleted when disposed of.
/// </summary>
internal sealed class GeometryModel : IDisposable
{
    private const int Embedding = 64;
    private const int ContextLength = 1 << 18;
    private const int UnknownToken = 2, ControlToken = 3, ByteToken = 6; // llama.cpp's kinds of tokens

    private static readonly string[] Tokens =
        ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(static value => $"<0x{value:X2}>")];

    private readonly Random _random = new(1);
    private readonly GgufWriter _file = new();

    public GeometryModel(ModelGeometry geometry)
    {
        Describe(geometry);
        AddTensors(geometry);
        using FileStream stream = File.Create(Path);
        _file.WriteTo(stream);
    }

    /// <summary>Gets where the file is.</summary>
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"kvnorm-bench-{Guid.NewGuid():N}.gguf");

    public void Dispose() => File.Delete(Path);

    private void Describe(ModelGeometry geometry)
    {
        _file.Add("general.architecture", "llama");
        _file.Add("general.name", $"random weights, cache of {geometry.Name}");
        _file.Add("llama.vocab_size", (uint)Tokens.Length);
        _file.Add("llama.block_count", (uint)geometry.Layers);
        _file.Add("llama.context_length", ContextLength);
        _file.Add("llama.embedding_length", Embedding);
        _file.Add("llama.feed_forward_length", Embedding);
        _file.Add("llama.attention.head_count", (uint)geometry.Heads);
        _file.Add("llama.attention.head_count_kv", (uint)geometry.Heads);
        _file.Add("llama.attention.key_length", (uint)geometry.HeadLength);
        _file.Add("llama.attention.value_length", (uint)geometry.HeadLength);
        _file.Add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        _file.Add("llama.rope.dimension_count", (uint)geometry.HeadLength);
        _file.Add("llama.rope.freq_base", 500_000f);
        _file.Add("tokenizer.ggml.model", "llama");
        _file.Add("tokenizer.ggml.tokens", Tokens);
        _file.Add("tokenizer.ggml.scores", new float[Tokens.Length]);
        _file.Add("tokenizer.ggml.token_type", [.. Tokens.Select(KindOf)]);
        _file.Add("tokenizer.ggml.unknown_token_id", 0);
        _file.Add("tokenizer.ggml.bos_token_id", 1);
        _file.Add("tokenizer.ggml.eos_token_id", 2);
    }

    private void AddTensors(ModelGeometry geometry)
    {
        int row = geometry.Heads * geometry.HeadLength;
        Add("token_embd.weight", Embedding, Tokens.Length);
        Add("output_norm.weight", Embedding);
        for (int layer = 0; layer < geometry.Layers; layer++)
        {
            string prefix = $"blk.{layer}.";
            Add(prefix + "attn_norm.weight", Embedding);
            Add(prefix + "ffn_norm.weight", Embedding);
            foreach (string name in new[] { "attn_q", "attn_k", "attn_v" })
                Add($"{prefix}{name}.weight", Embedding, row);
            Add(prefix + "attn_output.weight", row, Embedding);
            foreach (string name in new[] { "ffn_gate", "ffn_up", "ffn_down" })
                Add($"{prefix}{name}.weight", Embedding, Embedding);
        }
    }

    // Norms are 1; a matrix keeps the size of what it is multiplied with.
    private void Add(string name, params int[] shape) => _file.AddTensor(
        name,
        () =>
        {
            float[] weights = new float[shape.Aggregate(1, static (product, size) => product * size)];
            double size = Math.Sqrt(12.0 / shape[0]); // of numbers spread evenly over a range of 1
            for (int i = 0; i < weights.Length; i++)
                weights[i] = shape.Length == 1 ? 1 : (float)((_random.NextDouble() - 0.5) * size);
            return weights;
        },
        shape);

    private static int KindOf(string token)
    {
        if (token == Tokens[0])
            return UnknownToken;
        return token.StartsWith("<0x", StringComparison.Ordinal) ? ByteToken : ControlToken;
    }
}
