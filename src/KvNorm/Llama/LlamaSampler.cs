namespace KvNorm.Llama;

/// <summary>A chain of samplers over a context's logits. Not safe for concurrent use.</summary>
internal sealed class LlamaSampler : IDisposable
{
    private const uint DrawnSeed = uint.MaxValue; // LLAMA_DEFAULT_SEED: llama.cpp draws one of its own, which would not repeat
    private const int MinKeep = 1; // no filter may leave fewer candidates than this

    private readonly LlamaSamplerHandle _chain;

    /// <summary>
    /// Builds the chain in llama.cpp's usual order: penalties, [a grammar goes here], top-k, typical-p, top-p, min-p, temperature, draw.
    /// A temperature of about 0 takes the most likely token.
    /// </summary>
    /// <param name="options">How to draw.</param>
    /// <param name="vocabularySize">Tokens the logits are of.</param>
    public LlamaSampler(SamplingOptions options, int vocabularySize)
    {
        options.Validate();
        nint chain = LlamaNative.llama_sampler_chain_init(new llama_sampler_chain_params { no_perf = 1 });
        if (chain == 0)
            throw new LlamaException(nameof(LlamaNative.llama_sampler_chain_init), 0, "out of memory");
        _chain = new LlamaSamplerHandle(chain);

        if (options.RepeatPenalty != 1 || options.FrequencyPenalty != 0 || options.PresencePenalty != 0)
            Add(LlamaNative.llama_sampler_init_penalties(vocabularySize, options.RepeatLastTokens, options.RepeatPenalty, options.FrequencyPenalty, options.PresencePenalty));
        if (options.Temperature < SamplingOptions.LeastTemperature)
        {
            Add(LlamaNative.llama_sampler_init_greedy());
            return;
        }

        if (options.TopK > 0)
            Add(LlamaNative.llama_sampler_init_top_k(options.TopK));
        if (options.TypicalP < 1)
            Add(LlamaNative.llama_sampler_init_typical(options.TypicalP, MinKeep));
        if (options.TopP < 1)
            Add(LlamaNative.llama_sampler_init_top_p(options.TopP, MinKeep));
        if (options.MinP > 0)
            Add(LlamaNative.llama_sampler_init_min_p(options.MinP, MinKeep));
        Add(LlamaNative.llama_sampler_init_temp(options.Temperature));
        uint seed = options.Seed ?? (uint)Random.Shared.NextInt64(DrawnSeed);
        Add(LlamaNative.llama_sampler_init_dist(seed == DrawnSeed ? DrawnSeed - 1 : seed));
    }

    /// <summary>Draws the token that follows the last decoded one, and remembers it for the penalties.</summary>
    public int Sample(LlamaContext context)
    {
        _ = context.Logits(); // sampling without logits would end the process
        return LlamaNative.llama_sampler_sample(_chain, context.Handle, -1);
    }

    public void Dispose() => _chain.Dispose();

    private void Add(nint sampler)
    {
        if (sampler == 0)
            throw new LlamaException(nameof(LlamaNative.llama_sampler_chain_add), 0, "a sampler could not be made");
        LlamaNative.llama_sampler_chain_add(_chain, sampler);
    }
}
