using System.Security.Cryptography;
using KvNorm.Runtime;

namespace KvNorm.Tests.Gguf;

/// <summary>Writes tiny models with random weights: they say nothing, but llama.cpp treats them as any model.</summary>
internal static class TinyModel
{
    private const float Epsilon = 1e-5f; // of the norms

    /// <summary>Writes a model into a folder of the temp folder, under a name made of its content, so that it is written once.</summary>
    /// <returns>The path of the file.</returns>
    public static string Write(TinyModelSettings? settings = null)
    {
        settings ??= new TinyModelSettings();
        byte[] bytes = Bytes(settings);
        string folder = Path.Combine(Path.GetTempPath(), "kvnorm-tiny-models");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"tiny-{settings.Architecture}-{Convert.ToHexString(SHA256.HashData(bytes))[..12]}.gguf");
        if (File.Exists(path))
            return path;

        // Another process may write the same file: it must never be seen half written.
        string unfinished = Path.Combine(folder, Path.GetRandomFileName());
        File.WriteAllBytes(unfinished, bytes);
        File.Move(unfinished, path, overwrite: true);
        return path;
    }

    /// <summary>Writes and loads a model; the caller disposes of it.</summary>
    public static LlamaModel Load(TinyModelSettings? settings = null) => LlamaModel.Load(Write(settings));

    public static byte[] Bytes(TinyModelSettings settings)
    {
        GgufWriter file = new();
        WriteParameters(file, settings);
        if (settings.PreTokenizer is { } preTokenizer)
            TinyVocabulary.WriteBytePairs(file, preTokenizer);
        else
            TinyVocabulary.Write(file, settings);
        if (settings.ChatTemplate is not null)
            file.Add("tokenizer.chat_template", settings.ChatTemplate);
        Weights weights = new(file, settings.Seed);
        weights.Matrix("token_embd.weight", settings.Embedding, TinyVocabulary.Count);
        weights.Matrix("output.weight", settings.Embedding, TinyVocabulary.Count);
        WriteNorm(weights, settings, "output_norm", settings.Embedding);
        if (settings.RopeFactors is not null)
            file.AddTensor("rope_freqs.weight", settings.RopeFactors, settings.RopeFactors.Length);
        for (int layer = 0; layer < settings.Layers; layer++)
            WriteLayer(weights, settings, $"blk.{layer}.");
        return file.ToArray();
    }

    private static void WriteParameters(GgufWriter file, TinyModelSettings settings)
    {
        string name = settings.Architecture;
        file.Add("general.architecture", name);
        file.Add("general.name", $"tiny {name}");
        file.Add($"{name}.vocab_size", (uint)TinyVocabulary.Count);
        file.Add($"{name}.block_count", (uint)settings.Layers);
        file.Add($"{name}.context_length", (uint)settings.ContextLength);
        file.Add($"{name}.embedding_length", (uint)settings.Embedding);
        file.Add($"{name}.feed_forward_length", (uint)settings.FeedForward);
        file.Add($"{name}.attention.head_count", (uint)settings.Heads);
        file.Add($"{name}.attention.head_count_kv", (uint)settings.KeyValueHeads);
        file.Add($"{name}.attention.key_length", (uint)settings.HeadLength);
        file.Add($"{name}.attention.value_length", (uint)settings.HeadLength);
        file.Add($"{name}.attention.layer_norm_rms_epsilon", Epsilon);
        file.Add($"{name}.attention.layer_norm_epsilon", Epsilon);
        file.Add($"{name}.rope.dimension_count", (uint)(settings.RotatedLength ?? settings.HeadLength));
        file.Add($"{name}.rope.freq_base", settings.RopeBase);
        if (settings.LinearFactor is { } linear)
        {
            file.Add($"{name}.rope.scaling.type", "linear");
            file.Add($"{name}.rope.scaling.factor", linear);
        }

        if (settings.YarnFactor is { } yarn)
        {
            file.Add($"{name}.rope.scaling.type", "yarn");
            file.Add($"{name}.rope.scaling.factor", yarn);
            file.Add($"{name}.rope.scaling.original_context_length", (uint)settings.YarnOriginalLength);
        }

        if (name == "gemma3")
            file.Add("gemma3.attention.sliding_window", (uint)settings.SlidingWindow);
        if (name == "stablelm")
            file.Add("stablelm.use_parallel_residual", false);
    }

    private static void WriteLayer(Weights weights, TinyModelSettings settings, string prefix)
    {
        int queries = settings.Heads * settings.HeadLength, keys = settings.KeyValueHeads * settings.HeadLength;
        WriteNorm(weights, settings, prefix + "attn_norm", settings.Embedding);
        if (settings.QueriesAreKeys)
        {
            float[] shared = weights.Matrix(prefix + "attn_k.weight", settings.Embedding, keys);
            IEnumerable<float[]> heads = shared.Chunk(settings.HeadLength * settings.Embedding);
            float[] repeated = [.. heads.SelectMany(head => Enumerable.Repeat(head, queries / keys)).SelectMany(static head => head)];
            weights.Add(prefix + "attn_q.weight", repeated, settings.Embedding, queries);
        }
        else
        {
            weights.Matrix(prefix + "attn_q.weight", settings.Embedding, queries);
            weights.Matrix(prefix + "attn_k.weight", settings.Embedding, keys);
        }

        weights.Matrix(prefix + "attn_v.weight", settings.Embedding, keys);
        weights.Matrix(prefix + "attn_output.weight", queries, settings.Embedding);
        if (settings.Architecture == "qwen2")
        {
            weights.Bias(prefix + "attn_q.bias", queries);
            weights.Bias(prefix + "attn_k.bias", keys);
            weights.Bias(prefix + "attn_v.bias", keys);
        }

        if (settings.Architecture == "gemma3")
        {
            weights.Ones(prefix + "attn_q_norm.weight", settings.HeadLength);
            weights.Ones(prefix + "attn_k_norm.weight", settings.HeadLength);
            weights.Ones(prefix + "post_attention_norm.weight", settings.Embedding);
            weights.Ones(prefix + "post_ffw_norm.weight", settings.Embedding);
        }

        WriteNorm(weights, settings, prefix + "ffn_norm", settings.Embedding);
        weights.Matrix(prefix + "ffn_gate.weight", settings.Embedding, settings.FeedForward);
        weights.Matrix(prefix + "ffn_up.weight", settings.Embedding, settings.FeedForward);
        weights.Matrix(prefix + "ffn_down.weight", settings.FeedForward, settings.Embedding);
    }

    private static void WriteNorm(Weights weights, TinyModelSettings settings, string name, int length)
    {
        weights.Ones(name + ".weight", length);
        if (settings.Architecture == "stablelm")
            weights.Bias(name + ".bias", length);
    }

    /// <summary>Draws the tensors of a file.</summary>
    private sealed class Weights(GgufWriter file, int seed)
    {
        private readonly Random _random = new(seed);

        /// <summary>A matrix that keeps the size of what it is multiplied with.</summary>
        public float[] Matrix(string name, int columns, int rows)
        {
            float[] numbers = Normal(columns * rows, 1 / Math.Sqrt(columns));
            Add(name, numbers, columns, rows);
            return numbers;
        }

        public void Add(string name, float[] numbers, int columns, int rows) => file.AddTensor(name, numbers, columns, rows);

        public void Bias(string name, int length) => file.AddTensor(name, Normal(length, 0.5), length);

        public void Ones(string name, int length) => file.AddTensor(name, [.. Enumerable.Repeat(1f, length)], length);

        private float[] Normal(int count, double deviation)
        {
            float[] numbers = new float[count];
            for (int i = 0; i < count; i++)
                numbers[i] = (float)(
                    deviation * Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()));
            return numbers;
        }
    }
}
