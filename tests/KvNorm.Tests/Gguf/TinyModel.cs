using System.Security.Cryptography;
using KvNorm.Runtime;

namespace KvNorm.Tests.Gguf;

/// <summary>Writes tiny models with random weights: they say nothing, but llama.cpp treats them as any model.</summary>
internal static class TinyModel
{
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
        TinyParameters.Write(file, settings);
        if (settings.PreTokenizer is { } preTokenizer)
            TinyVocabulary.WriteBytePairs(file, preTokenizer);
        else
            TinyVocabulary.Write(file, settings);
        if (settings.ChatTemplate is not null)
            file.Add("tokenizer.chat_template", settings.ChatTemplate);
        TinyWeights weights = new(file, settings.Seed);
        TinyLayers layers = new(weights, settings);
        TinyArchitecture architecture = TinyArchitecture.Named(settings.Architecture);
        weights.Matrix("token_embd.weight", settings.Embedding, TinyVocabulary.Count);
        float[] output = architecture.IsTied ? [] : weights.Matrix("output.weight", settings.Embedding, TinyVocabulary.Count);
        foreach (int end in settings.NeverEnds ? TinyVocabulary.Ends : []) // logits of 0: of hundreds of random ones some are higher
            output.AsSpan(end * settings.Embedding, settings.Embedding).Clear();
        foreach (string norm in architecture.HasEncoder ? ["enc.output_norm", "dec.output_norm"] : new[] { architecture.OutputNorm })
            layers.Norm(norm);
        if (settings.RopeFactors is not null)
            file.AddTensor("rope_freqs.weight", settings.RopeFactors, settings.RopeFactors.Length);
        if (settings.LongRopeFactors is { } longFactors)
        {
            file.AddTensor("rope_factors_long.weight", longFactors, longFactors.Length);
            file.AddTensor("rope_factors_short.weight", [.. longFactors.Select(static _ => 1f)], longFactors.Length);
        }

        for (int layer = 0; layer < settings.Layers; layer++)
            layers.Write(layer);
        return file.ToArray();
    }
}
