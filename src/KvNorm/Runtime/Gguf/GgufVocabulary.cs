namespace KvNorm.Runtime.Gguf;

/// <summary>
/// What a header says of the vocabulary: llama.cpp reads these arrays side by side without a look at their types and lengths.
/// </summary>
internal static class GgufVocabulary
{
    /// <summary>The key of all tokens' texts, of which llama.cpp asserts that they differ.</summary>
    public const string Tokens = Prefix + "tokens";

    private const string Prefix = "tokenizer.ggml.";
    private const long MaximumTokens = 1 << 24;

    private static readonly (string Key, GgufType Type)[] PerToken =
        [(Prefix + "scores", GgufType.Float32), (Prefix + "token_type", GgufType.Int32)];

    /// <summary>Requires that the arrays are what they should be.</summary>
    /// <exception cref="InvalidDataException">One is not.</exception>
    public static void Require(GgufHeader header)
    {
        if (!header.Metadata.TryGetValue(Tokens, out GgufValue? tokens))
            return; // llama.cpp says so
        if (tokens is not { Type: GgufType.String, Count: > 0 and <= MaximumTokens })
            throw header.Refuse($"{Tokens} is {tokens}; an array of texts is possible");
        if (tokens.Repeated is { } repeated)
            throw header.Refuse($"{Tokens} has '{repeated}' more than once");
        foreach ((string key, GgufType type) in PerToken)
        {
            if (header.Metadata.TryGetValue(key, out GgufValue? value) && (value.Type != type || value.Count != tokens.Count))
                throw header.Refuse($"{key} is {value}; an array of {tokens.Count} x {type} is possible");
        }

        bool hasMerges = header.Metadata.TryGetValue(Prefix + "merges", out GgufValue? merges);
        if (hasMerges && merges is not { Type: GgufType.String, Count: not null })
            throw header.Refuse($"{Prefix}merges is {merges}; an array of texts is possible");
    }
}
