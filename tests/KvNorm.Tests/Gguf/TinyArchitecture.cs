namespace KvNorm.Tests.Gguf;

/// <summary>What tells the tensors of an architecture from those of "llama".</summary>
internal sealed record TinyArchitecture
{
    private static readonly string[] Plain = ["attn_norm", "ffn_norm"], PostNorm = ["attn_norm", "post_attention_norm"];

    private static readonly Dictionary<string, TinyArchitecture> Known = new(StringComparer.Ordinal)
    {
        ["llama"] = new(),
        ["qwen2"] = new() { HasBiases = true },
        ["qwen2vl"] = new() { HasBiases = true, HasPositionSections = true },
        ["dream"] = new() { HasBiases = true },
        ["llada"] = new(),
        ["qwen3"] = new() { HasHeadNorms = true },
        ["stablelm"] = new() { HasNormBiases = true },
        ["phi3"] = new() { IsFused = true },
        ["gemma3"] = new() { HasHeadNorms = true, HasWindow = true, Norms = [.. PostNorm, "ffn_norm", "post_ffw_norm"] },
        ["cohere2"] = new() { HasWindow = true, Norms = ["attn_norm"], IsTied = true },
        ["gpt-oss"] = new()
        {
            HasWindow = true, HasBiases = true, HasOutputBias = true, HasSinks = true, HasExperts = true, HasExpertBiases = true,
            Norms = PostNorm,
        },
        ["llama4"] = new() { HasWindow = true },
        ["deepseek2"] = new() { HasLatents = true },
        ["t5"] = new() { HasEncoder = true, Norms = [] },
        ["grok"] = new() { HasExperts = true, Norms = [.. Plain, "attn_output_norm", "layer_output_norm"] },
        ["mamba"] = new() { Recurrence = TinyRecurrence.Mamba, Norms = ["attn_norm"], HasAttention = false },
        ["lfm2"] = new()
        {
            Recurrence = TinyRecurrence.ShortConvolution, HasHeadNorms = true, IsTied = true, OutputNorm = "token_embd_norm",
        },
        ["granitehybrid"] = new() { Recurrence = TinyRecurrence.Mamba2 },
        ["qwen3next"] = new()
        {
            Recurrence = TinyRecurrence.DeltaNet, HasHeadNorms = true, HasExperts = true, HasSharedExpert = true, HasGatedQueries = true,
            Norms = PostNorm,
        },
    };

    public bool HasBiases { get; private init; }

    public bool HasOutputBias { get; private init; }

    public bool HasNormBiases { get; private init; }

    /// <summary>Whether queries and keys are normalised per head.</summary>
    public bool HasHeadNorms { get; private init; }

    /// <summary>Whether queries, keys and values are one matrix, and gate and up another.</summary>
    public bool IsFused { get; private init; }

    /// <summary>Whether the queries' matrix makes gates as well.</summary>
    public bool HasGatedQueries { get; private init; }

    /// <summary>Whether every head has a weight that no token receives.</summary>
    public bool HasSinks { get; private init; }

    /// <summary>Whether most layers see a window of the latest tokens.</summary>
    public bool HasWindow { get; private init; }

    /// <summary>Whether keys and values are made of a shorter vector, and only the end of a key is turned.</summary>
    public bool HasLatents { get; private init; }

    public bool HasPositionSections { get; private init; }

    public bool HasExperts { get; private init; }

    public bool HasExpertBiases { get; private init; }

    public bool HasSharedExpert { get; private init; }

    /// <summary>Whether an encoder comes before the layers, which attend to what it says.</summary>
    public bool HasEncoder { get; private init; }

    public bool HasAttention { get; private init; } = true;

    /// <summary>Whether the embeddings are the output matrix, too.</summary>
    public bool IsTied { get; private init; }

    /// <summary>The norms of a layer.</summary>
    public string[] Norms { get; private init; } = Plain;

    public string OutputNorm { get; private init; } = "output_norm";

    /// <summary>Writes what layers without attention have in its place; null where all have attention.</summary>
    public Action<TinyWeights, TinyModelSettings, string>? Recurrence { get; private init; }

    public static TinyArchitecture Named(string name) => Known.GetValueOrDefault(name, Known["llama"]); // one that llama.cpp refuses

    /// <summary>Whether a layer has attention: the last one, where others are recurrent.</summary>
    public bool IsAttention(int layer, int layers) => HasAttention && (Recurrence is null || layer == layers - 1);
}
