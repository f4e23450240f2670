using KvNorm.Grammars;
using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>A chain of samplers over a context's logits, held to a grammar where there is one. Not safe for concurrent use.</summary>
internal sealed class LlamaSampler : IDisposable
{
    private const uint RandomSeed = uint.MaxValue; // LLAMA_DEFAULT_SEED: llama.cpp picks one of its own, which would not repeat
    private const int MinKeep = 1; // no filter may leave fewer candidates than this

    private readonly SafeLLamaSamplerChainHandle _chain;
    private readonly ConstrainedSampling? _constrained;

    /// <summary>
    /// Builds the chain in llama.cpp's usual order: penalties, top-k, typical-p, top-p, min-p, temperature, sample.
    /// A temperature of about 0 takes the most likely token.
    /// </summary>
    /// <param name="options">How to sample.</param>
    /// <param name="vocabulary">What the logits are of.</param>
    /// <param name="grammar">What the text must look like; null for any text.</param>
    public LlamaSampler(SamplingOptions options, LlamaVocabulary vocabulary, Grammar? grammar = null)
    {
        options.Validate();
        SafeLLamaSamplerChainHandle penalties = _chain = CreateChain();
        if (grammar is not null)
        {
            // A grammar looks at the tokens between the penalties and the rest.
            penalties = CreateChain();
            _constrained = new ConstrainedSampling(penalties, _chain, options, vocabulary.Count, new GrammarSampler(grammar, vocabulary));
        }

        if (options.RepeatPenalty != 1 || options.FrequencyPenalty != 0 || options.PresencePenalty != 0)
            penalties.AddPenalties(options.RepeatLastTokens, options.RepeatPenalty, options.FrequencyPenalty, options.PresencePenalty);
        AddSampling(options);
    }

    /// <summary>Samples the token that follows a decoded one, and remembers it for the penalties and the grammar.</summary>
    /// <param name="context">Whose logits to sample from.</param>
    /// <param name="index">Which output of the last decode; -1 for the last.</param>
    /// <exception cref="LlamaException">There are no logits, or no token of the vocabulary goes on with the grammar.</exception>
    public int Sample(LlamaContext context, int index = -1)
    {
        ReadOnlySpan<float> logits = context.Logits(index); // sampling without them would end the process
        return _constrained is null ? (int)_chain.Sample(context.Handle, index) : _constrained.Sample(logits);
    }

    public void Dispose()
    {
        _constrained?.Dispose();
        _chain.Dispose();
    }

    /// <summary>An empty chain of samplers.</summary>
    internal static SafeLLamaSamplerChainHandle CreateChain()
    {
        SafeLLamaSamplerChainHandle chain = SafeLLamaSamplerChainHandle.Create(new LLamaSamplerChainParams { NoPerf = true });
        return !chain.IsInvalid ? chain : throw new LlamaException("llama_sampler_chain_init", 0, "out of memory");
    }

    private void AddSampling(SamplingOptions options)
    {
        if (options.Temperature < SamplingOptions.MinimumTemperature)
        {
            _chain.AddGreedySampler();
            return;
        }

        uint seed = options.Seed ?? (uint)Random.Shared.NextInt64(RandomSeed);
        seed = seed == RandomSeed ? RandomSeed - 1 : seed;
        if (options.Mirostat)
        {
            _chain.AddTemperature(options.Temperature);
            _chain.AddMirostat2Sampler(seed, options.MirostatTau, options.MirostatEta);
            return;
        }

        if (options.TopK > 0)
            _chain.AddTopK(options.TopK);
        if (options.TypicalP < 1)
            _chain.AddTypical(options.TypicalP, MinKeep);
        if (options.TopP < 1)
            _chain.AddTopP(options.TopP, MinKeep);
        if (options.MinP > 0)
            _chain.AddMinP(options.MinP, MinKeep);
        _chain.AddTemperature(options.Temperature);
        _chain.AddDistributionSampler(seed);
    }
}
