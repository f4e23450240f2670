using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>
/// Samples tokens that follow a grammar. Looking at every token of the vocabulary takes as long as decoding one, so a token is sampled
/// freely first; only when it does not fit is another sampled from those that do, looked for from the most likely ones down as far as they
/// matter.
/// </summary>
internal sealed class ConstrainedSampling : IDisposable
{
    private const float Band = 6; // of logits looked at in one go: about a factor of 400 in probability
    private const float Negligible = 16; // below the best token that fits by this much, in logits at temperature 1: a share of 1e-7 each

    // below what min-p drops in any case, in logits: the share of all these tokens moves the other filters little
    private const float Margin = 4;

    private readonly SafeLLamaSamplerChainHandle _penalties, _chain;
    private readonly GrammarSampler _grammar;
    private readonly LlamaCandidates _candidates, _band;
    private readonly float[] _logits; // after the penalties, (vocabulary)
    private readonly float _reach; // how far below the best one tokens matter
    private readonly int _enough; // tokens that fit, after which no further ones matter

    /// <summary>Owns the penalties and the grammar, not the chain.</summary>
    public ConstrainedSampling(
        SafeLLamaSamplerChainHandle penalties, SafeLLamaSamplerChainHandle chain, SamplingOptions options, int vocabularySize,
        GrammarSampler grammar)
    {
        (_penalties, _chain, _grammar) = (penalties, chain, grammar);
        _candidates = new LlamaCandidates(vocabularySize);
        _band = new LlamaCandidates(vocabularySize);
        _logits = new float[vocabularySize];
        bool greedy = options.Temperature < SamplingOptions.MinimumTemperature;
        float reach = Negligible * Math.Max(1, options.Temperature);
        _reach = greedy ? 0 : options.Mirostat ? reach : Math.Min(reach, Margin - MathF.Log(options.MinP));
        _enough = greedy ? 1 : options.TopK > 0 && !options.Mirostat ? options.TopK : int.MaxValue;
    }

    /// <summary>Samples a token and takes it.</summary>
    /// <param name="logits">(vocabulary).</param>
    public int Sample(ReadOnlySpan<float> logits)
    {
        Penalise(logits);
        _candidates.Fill(_logits);
        int token = Choose();
        while (!_grammar.TryAccept(token))
        {
            // Before its trigger a grammar refuses only a token that writes the mark and goes on wrongly.
            _logits[token] = float.NegativeInfinity;
            FindFitting();
            token = Choose();
        }

        _penalties.Accept(token);
        _chain.Accept(token);
        return token;
    }

    public void Dispose()
    {
        _penalties.Dispose();
        _grammar.Dispose();
    }

    private int Choose()
    {
        int token = _candidates.Apply(_chain);
        return token >= 0 ? token : throw new LlamaException("llama_sampler_apply", token, "the chain chose no token");
    }

    private void Penalise(ReadOnlySpan<float> logits)
    {
        if (_penalties.Count == 0)
        {
            logits.CopyTo(_logits);
            return;
        }

        _candidates.Fill(logits);
        _candidates.Apply(_penalties);
        foreach (LLamaTokenData candidate in _candidates.Span)
            _logits[(int)candidate.ID] = candidate.Logit;
    }

    private void FindFitting()
    {
        _candidates.Clear();
        float upper = float.PositiveInfinity, best = float.NegativeInfinity, next = MaximumBelow(upper);
        while (next > float.NegativeInfinity && !IsEnough(next, best))
        {
            float lower = next - Band;
            best = Math.Max(best, AddBand(lower, upper));
            (upper, next) = (lower, MaximumBelow(lower));
        }

        if (_candidates.Count == 0)
            throw new LlamaException("llama_sampler_apply", 0, "no token of the vocabulary goes on with the grammar");
    }

    private bool IsEnough(float next, float best) => _candidates.Count >= _enough || next < best - _reach;

    // Adds those that fit of the logits in [lower, upper), and gives the largest of them.
    private float AddBand(float lower, float upper)
    {
        _band.Clear();
        for (int token = 0; token < _logits.Length; token++)
        {
            if (_logits[token] >= lower && _logits[token] < upper)
                _band.Add(token, _logits[token]);
        }

        if (_grammar.IsActive)
            _grammar.Refuse(_band);
        float best = float.NegativeInfinity;
        foreach (LLamaTokenData candidate in _band.Span)
        {
            if (float.IsNegativeInfinity(candidate.Logit))
                continue;
            _candidates.Add((int)candidate.ID, candidate.Logit);
            best = Math.Max(best, candidate.Logit);
        }

        return best;
    }

    private float MaximumBelow(float bound)
    {
        float maximum = float.NegativeInfinity;
        foreach (float logit in _logits)
            maximum = logit < bound && logit > maximum ? logit : maximum;
        return maximum;
    }
}
