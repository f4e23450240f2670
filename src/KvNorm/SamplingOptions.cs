namespace KvNorm;

/// <summary>
/// How the next token is sampled. A host sets the usual ones through ChatOptions; the others can be given in
/// ChatOptions.AdditionalProperties (min_p, typical_p, repeat_penalty, repeat_last_n, mirostat, mirostat_tau, mirostat_eta) or as a whole
/// from ChatOptions.RawRepresentationFactory.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>llama.cpp allocates a slot for each; beyond any use, and far from exhausting memory.</summary>
    internal const int MostRepeatLastTokens = 65_536;

    /// <summary>Below this logits would be divided into infinities; the most likely token is taken instead.</summary>
    internal const float MinimumTemperature = 0.01f;

    private const float LargestPenalty = 100; // far beyond any use; keeps logits finite

    /// <summary>Gets the temperature, 0 to 100; below 0.01 the most likely token is always taken.</summary>
    public float Temperature { get; init; } = 0.7f;

    /// <summary>Gets how many of the most likely tokens are candidates; 0 for all.</summary>
    public int TopK { get; init; } = 40;

    /// <summary>Gets the share of probability whose tokens are candidates; 1 for all.</summary>
    public float TopP { get; init; } = 0.95f;

    /// <summary>Gets the least probability of a candidate as a share of the most likely one's; 0 for none.</summary>
    public float MinP { get; init; } = 0.05f;

    /// <summary>Gets the share of probability kept by locally typical sampling; 1 for all.</summary>
    public float TypicalP { get; init; } = 1;

    /// <summary>
    /// Gets whether Mirostat 2 (Basu et al. 2020, arXiv 2007.14966) chooses the candidates, instead of the four filters above: it holds the
    /// surprise of the text at a value.
    /// </summary>
    public bool Mirostat { get; init; }

    /// <summary>Gets that value, in bits per token, above 0 and at most 100.</summary>
    public float MirostatTau { get; init; } = 5;

    /// <summary>Gets how fast it is approached, 0 to 1.</summary>
    public float MirostatEta { get; init; } = 0.1f;

    /// <summary>Gets the factor that tokens of this answer seen lately are divided by, 0.01 to 100; 1 for none.</summary>
    public float RepeatPenalty { get; init; } = 1;

    /// <summary>Gets how many of this answer's last tokens the penalties look at, at most 65,536.</summary>
    public int RepeatLastTokens { get; init; } = 64;

    /// <summary>Gets what is taken off a token's logit for every time this answer had it lately, -100 to 100.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Gets what is taken off a token's logit when this answer had it lately at all, -100 to 100.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>
    /// Gets the seed; null for a new one for every answer. With a fixed <see cref="KvNormChatOptions.Threads"/> and no answers beside it
    /// the same seed repeats the text.
    /// </summary>
    public uint? Seed { get; init; }

    internal void Validate()
    {
        RequireFinite(Temperature, nameof(Temperature), 0, LargestPenalty);
        RequireFinite(TopP, nameof(TopP), 0, 1);
        RequireFinite(MinP, nameof(MinP), 0, 1);
        RequireFinite(TypicalP, nameof(TypicalP), 0, 1);
        RequireFinite(MirostatTau, nameof(MirostatTau), 1 / LargestPenalty, LargestPenalty);
        RequireFinite(MirostatEta, nameof(MirostatEta), 0, 1);
        RequireFinite(RepeatPenalty, nameof(RepeatPenalty), 1 / LargestPenalty, LargestPenalty);
        RequireFinite(FrequencyPenalty, nameof(FrequencyPenalty), -LargestPenalty, LargestPenalty);
        RequireFinite(PresencePenalty, nameof(PresencePenalty), -LargestPenalty, LargestPenalty);
        ArgumentOutOfRangeException.ThrowIfNegative(TopK);
        ArgumentOutOfRangeException.ThrowIfNegative(RepeatLastTokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RepeatLastTokens, MostRepeatLastTokens);
    }

    private static void RequireFinite(float value, string name, float least, float most)
    {
        if (!(value >= least && value <= most))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be a number from {least} to {most}.");
    }
}
