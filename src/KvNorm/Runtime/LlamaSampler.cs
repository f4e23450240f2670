using KvNorm.Grammars;

namespace KvNorm.Runtime;

/// <summary>A chain of samplers over a context's logits, held to a grammar where there is one. Not safe for concurrent use.</summary>
internal sealed class LlamaSampler : IDisposable
{
    private const uint DrawnSeed = uint.MaxValue; // LLAMA_DEFAULT_SEED: llama.cpp draws one of its own, which would not repeat
    private const int MinKeep = 1; // no filter may leave fewer candidates than this

    private readonly LlamaSamplerHandle _chain;
    private readonly ConstrainedDraw? _constrained;

    /// <summary>
    /// Builds the chain in llama.cpp's usual order: penalties, top-k, typical-p, top-p, min-p, temperature, draw.
    /// A temperature of about 0 takes the most likely token.
    /// </summary>
    /// <param name="options">How to draw.</param>
    /// <param name="vocabulary">What the logits are of.</param>
    /// <param name="grammar">What the text must look like; null for any text.</param>
    public LlamaSampler(SamplingOptions options, LlamaVocabulary vocabulary, Grammar? grammar = null)
    {
        options.Validate();
        LlamaSamplerHandle penalties = _chain = Chain();
        if (grammar is not null)
        {
            // A grammar looks at the tokens between the penalties and the rest.
            penalties = Chain();
            _constrained = new ConstrainedDraw(penalties, _chain, options, vocabulary, new GrammarSampler(grammar, vocabulary));
        }

        if (options.RepeatPenalty != 1 || options.FrequencyPenalty != 0 || options.PresencePenalty != 0)
            Add(penalties, LlamaNative.llama_sampler_init_penalties(vocabulary.Count, options.RepeatLastTokens, options.RepeatPenalty, options.FrequencyPenalty, options.PresencePenalty));
        AddDraw(options);
    }

    /// <summary>Draws the token that follows a decoded one, and remembers it for the penalties and the grammar.</summary>
    /// <param name="context">Whose logits to draw from.</param>
    /// <param name="index">Which output of the last decode; -1 for the last.</param>
    /// <exception cref="LlamaException">There are no logits, or no token of the vocabulary goes on with the grammar.</exception>
    public int Sample(LlamaContext context, int index = -1)
    {
        ReadOnlySpan<float> logits = context.Logits(index); // sampling without them would end the process
        return _constrained is null ? LlamaNative.llama_sampler_sample(_chain, context.Handle, index) : _constrained.Draw(logits);
    }

    public void Dispose()
    {
        _constrained?.Dispose();
        _chain.Dispose();
    }

    private static LlamaSamplerHandle Chain()
    {
        nint chain = LlamaNative.llama_sampler_chain_init(new llama_sampler_chain_params { no_perf = 1 });
        return chain != 0 ? new LlamaSamplerHandle(chain) : throw new LlamaException(nameof(LlamaNative.llama_sampler_chain_init), 0, "out of memory");
    }

    private static void Add(LlamaSamplerHandle chain, nint sampler)
    {
        if (sampler == 0)
            throw new LlamaException(nameof(LlamaNative.llama_sampler_chain_add), 0, "a sampler could not be made");
        LlamaNative.llama_sampler_chain_add(chain, sampler);
    }

    private void AddDraw(SamplingOptions options)
    {
        if (options.Temperature < SamplingOptions.LeastTemperature)
        {
            Add(_chain, LlamaNative.llama_sampler_init_greedy());
            return;
        }

        uint seed = options.Seed ?? (uint)Random.Shared.NextInt64(DrawnSeed);
        seed = seed == DrawnSeed ? DrawnSeed - 1 : seed;
        if (options.Mirostat)
        {
            Add(_chain, LlamaNative.llama_sampler_init_temp(options.Temperature));
            Add(_chain, LlamaNative.llama_sampler_init_mirostat_v2(seed, options.MirostatTau, options.MirostatEta));
            return;
        }

        if (options.TopK > 0)
            Add(_chain, LlamaNative.llama_sampler_init_top_k(options.TopK));
        if (options.TypicalP < 1)
            Add(_chain, LlamaNative.llama_sampler_init_typical(options.TypicalP, MinKeep));
        if (options.TopP < 1)
            Add(_chain, LlamaNative.llama_sampler_init_top_p(options.TopP, MinKeep));
        if (options.MinP > 0)
            Add(_chain, LlamaNative.llama_sampler_init_min_p(options.MinP, MinKeep));
        Add(_chain, LlamaNative.llama_sampler_init_temp(options.Temperature));
        Add(_chain, LlamaNative.llama_sampler_init_dist(seed));
    }
}
