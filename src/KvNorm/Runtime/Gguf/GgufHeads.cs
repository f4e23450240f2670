namespace KvNorm.Runtime.Gguf;

/// <summary>
/// Whether the numbers that describe the heads fit each other and the tensors. llama.cpp does not compare them when it loads a model, and
/// ends the process when it builds its first graph.
/// </summary>
internal static class GgufHeads
{
    // Families whose graph asserts that RoPE turns the whole head.
    private static readonly string[] RotateAll =
        ["llama", "qwen2", "qwen2moe", "qwen2vl", "qwen3", "qwen3moe", "internlm2", "olmo", "granite"];

    // Families whose queries have gates among them.
    private static readonly string[] DoubleQueries = ["qwen3next", "qwen35", "qwen35moe"];

    /// <summary>Requires that they fit.</summary>
    /// <param name="header">The header, whose hyperparameters are possible.</param>
    /// <param name="tensors">The tensors of all parts of the model.</param>
    /// <exception cref="InvalidDataException">They do not.</exception>
    public static void Require(GgufHeader header, IReadOnlyList<GgufTensor> tensors)
    {
        string architecture = header.Metadata["general.architecture"].Text!;
        if (Number("expert_used_count") > Number("expert_count"))
            throw header.Refuse($"{architecture}.expert_used_count is more than there are experts");
        if (Number("attention.head_count") is not (> 0 and var heads))
            return; // one number for each layer, or no attention
        double? keyValueHeads = Number("attention.head_count_kv") ?? (Has("attention.head_count_kv") ? null : heads);
        if (keyValueHeads > 0 && heads % keyValueHeads != 0)
            throw header.Refuse($"{architecture}.attention.head_count_kv is {keyValueHeads}, which does not divide the {heads} heads");
        double? headLength = Number("embedding_length") / heads;
        double? keys = Number("attention.key_length") ?? headLength, values = Number("attention.value_length") ?? headLength;
        if (Number("rope.dimension_count") is { } rotated)
            RequireRotation(header, architecture, rotated, keys);
        if (Has("attention.key_length_swa") || Has("attention.key_length_mla") || keyValueHeads is null)
            return; // layers differ, or the cache holds other rows than the projections make
        if (!DoubleQueries.Contains(architecture, StringComparer.Ordinal))
            RequireRows("attn_q.weight", heads, keys);
        RequireRows("attn_k.weight", keyValueHeads, keys);
        RequireRows("attn_v.weight", keyValueHeads, values);

        void RequireRows(string tensor, double? count, double? length)
        {
            GgufTensor? other = tensors.FirstOrDefault(one => one.Name.StartsWith("blk.", StringComparison.Ordinal)
                && one.Name.EndsWith($".{tensor}", StringComparison.Ordinal) && one.Shape is [_, var rows, ..] && rows != length * count);
            if (other is not null)
                throw header.Refuse($"'{other.Name}' has {other.Shape[1]} rows, which {count} heads of {length} elements do not make");
        }

        bool Has(string key) => header.Metadata.ContainsKey($"{architecture}.{key}");

        double? Number(string key) =>
            header.Metadata.TryGetValue($"{architecture}.{key}", out GgufValue? value) && value.IsNumber ? value.Numbers[0] : null;
    }

    private static void RequireRotation(GgufHeader header, string architecture, double rotated, double? keyLength)
    {
        bool isWhole = !RotateAll.Contains(architecture, StringComparer.Ordinal) || rotated == keyLength;
        if (rotated % 2 != 0 || rotated > keyLength || !isWhole)
            throw header.Refuse($"{architecture}.rope.dimension_count is {rotated}, which does not fit heads of {keyLength} elements");
    }
}
