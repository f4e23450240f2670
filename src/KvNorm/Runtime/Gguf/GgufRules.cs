namespace KvNorm.Runtime.Gguf;

/// <summary>
/// What the hyperparameters of a model may be. llama.cpp refuses most others by an exception and ends the process at some: it divides by
/// them, or asserts them in the middle of a decode.
/// </summary>
internal static class GgufRules
{
    private const int MaximumLayers = 512; // LLAMA_MAX_LAYERS
    private const int MaximumExperts = 512; // LLAMA_MAX_EXPERTS
    private const int MaximumLength = 1 << 24; // elements of a vector
    private const float MaximumReal = 1e9f; // of factors; there is no reason but that larger ones overflow

    // Keys after the architecture's name.
    private static readonly Dictionary<string, Range> Known = new(StringComparer.Ordinal)
    {
        ["block_count"] = new(1, MaximumLayers),
        ["context_length"] = new(2, int.MaxValue),
        ["embedding_length"] = new(1, MaximumLength),
        ["feed_forward_length"] = new(0, MaximumLength),
        ["vocab_size"] = new(1, MaximumLength),
        ["expert_count"] = new(0, MaximumExperts),
        ["expert_used_count"] = new(0, MaximumExperts),
        ["attention.head_count"] = new(0, MaximumLength), // 0 in layers without attention
        ["attention.head_count_kv"] = new(0, MaximumLength),
        ["attention.key_length"] = new(1, MaximumLength),
        ["attention.value_length"] = new(1, MaximumLength),
        ["attention.layer_norm_epsilon"] = new(0, 1),
        ["attention.layer_norm_rms_epsilon"] = new(0, 1),
        ["attention.group_norm_epsilon"] = new(0, 1),
        ["attention.group_norm_groups"] = new(1, MaximumLength),
        ["rope.dimension_count"] = new(0, MaximumLength),
        ["rope.freq_base"] = new(1e-6f, 1e15f),
        ["rope.freq_base_swa"] = new(1e-6f, 1e15f),
        ["rope.scaling.factor"] = new(0, MaximumReal),
        ["rope.scaling.original_context_length"] = new(1, int.MaxValue),
    };

    private static readonly string[] RopeScalings = ["none", "linear", "yarn", "longrope"];

    private static readonly Range AnyInteger = new(0, int.MaxValue), AnyReal = new(-MaximumReal, MaximumReal);

    /// <summary>Requires that every hyperparameter is possible.</summary>
    /// <exception cref="InvalidDataException">One is not; file, key and value are named.</exception>
    public static void Require(GgufHeader header)
    {
        string architecture = header.Metadata.TryGetValue("general.architecture", out GgufValue? name) && name.Text is { Length: > 0 } text
            ? text
            : throw header.Refuse("it does not say its architecture (general.architecture)");
        foreach ((string key, GgufValue value) in header.Metadata)
        {
            if (key.StartsWith($"{architecture}.", StringComparison.Ordinal))
                RequireInRange(header, key, value, Known.GetValueOrDefault(key[(architecture.Length + 1)..]));
        }

        string scaling = $"{architecture}.rope.scaling.type";
        if (header.Metadata.TryGetValue(scaling, out GgufValue? type) && !RopeScalings.Contains(type.Text, StringComparer.Ordinal))
            throw header.Refuse($"{scaling} is {type}; {string.Join(", ", RopeScalings)} are possible");
    }

    private static void RequireInRange(GgufHeader header, string key, GgufValue value, Range? range)
    {
        bool isNumber = value.Type is not (GgufType.String or GgufType.Bool);
        if (range is not null && !isNumber)
            throw header.Refuse($"{key} is {value}; a number is possible");
        if (!isNumber)
            return;
        range ??= value.Type is GgufType.Float32 or GgufType.Float64 ? AnyReal : AnyInteger;
        foreach (double number in value.Numbers)
        {
            if (!(number >= range.Minimum && number <= range.Maximum))
                throw header.Refuse(FormattableString.Invariant($"{key} is {number}; {range.Minimum} to {range.Maximum} is possible"));
        }
    }

    /// <summary>Both ends are possible.</summary>
    private sealed record Range(double Minimum, double Maximum);
}
