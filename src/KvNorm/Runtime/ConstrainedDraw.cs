using System.Runtime.InteropServices;

namespace KvNorm.Runtime;

/// <summary>
/// Draws tokens that follow a grammar. Looking at every token of the vocabulary takes as long as decoding one, so the token is drawn freely first;
/// only when it does not fit is another drawn from those that do, looked for from the most likely ones down as far as they matter.
/// </summary>
internal sealed class ConstrainedDraw : IDisposable
{
    private const float Band = 6; // of logits looked at in one go: about a factor of 400 in probability
    private const float Negligible = 16; // below the best token that fits by this much, in logits at temperature 1: a share of 1e-7 each

    private const float Margin = 4; // below what min-p drops in any case, in logits: the share of all these tokens moves the other filters little

    private readonly LlamaSamplerHandle _penalties, _chain;
    private readonly GrammarSampler _grammar;
    private readonly LlamaCandidates _candidates;
    private readonly float[] _logits; // after the penalties, (vocabulary)
    private readonly float _reach; // how far below the best one tokens matter
    private readonly int _enough; // tokens that fit, after which no further ones matter
    private readonly List<llama_token_data> _fitting = [], _band = [];

    /// <summary>Owns the penalties and the grammar, not the chain.</summary>
    public ConstrainedDraw(LlamaSamplerHandle penalties, LlamaSamplerHandle chain, SamplingOptions options, LlamaVocabulary vocabulary, GrammarSampler grammar)
    {
        (_penalties, _chain, _grammar) = (penalties, chain, grammar);
        _candidates = new LlamaCandidates(vocabulary.Count);
        _logits = new float[vocabulary.Count];
        bool greedy = options.Temperature < SamplingOptions.LeastTemperature;
        _reach = greedy ? 0 : options.Mirostat ? Negligible * Math.Max(1, options.Temperature) : Math.Min(Negligible * Math.Max(1, options.Temperature), Margin - MathF.Log(options.MinP));
        _enough = greedy ? 1 : options.TopK > 0 && !options.Mirostat ? options.TopK : int.MaxValue;
    }

    /// <summary>Draws a token and takes it.</summary>
    /// <param name="logits">(vocabulary).</param>
    public int Draw(ReadOnlySpan<float> logits)
    {
        Penalise(logits);
        _candidates.Fill(_logits);
        int token = Choose();
        while (!_grammar.TryAccept(token))
        {
            // Before its trigger a grammar refuses only a token that writes the mark and goes on wrongly.
            _logits[token] = float.NegativeInfinity;
            TakeFitting();
            token = Choose();
        }

        LlamaNative.llama_sampler_accept(_penalties, token);
        LlamaNative.llama_sampler_accept(_chain, token);
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
        return token >= 0 ? token : throw new LlamaException(nameof(LlamaNative.llama_sampler_apply), token, "the chain chose no token");
    }

    private void Penalise(ReadOnlySpan<float> logits)
    {
        _candidates.Fill(logits);
        _candidates.Apply(_penalties);
        foreach (llama_token_data candidate in _candidates.Span)
            _logits[candidate.id] = candidate.logit;
    }

    private void TakeFitting()
    {
        _fitting.Clear();
        float upper = float.PositiveInfinity, best = float.NegativeInfinity, next = Most(upper);
        while (next > float.NegativeInfinity && !IsEnough(next, best))
        {
            float lower = next - Band;
            TakeBand(lower, upper);
            if (_fitting.Count > 0)
                best = _fitting.Max(static candidate => candidate.logit);
            (upper, next) = (lower, Most(lower));
        }

        if (_fitting.Count == 0)
            throw new LlamaException(nameof(LlamaNative.llama_sampler_apply), 0, "no token of the vocabulary goes on with the grammar");
        _candidates.Fill(_fitting);
    }

    private bool IsEnough(float next, float best) => _fitting.Count >= _enough || next < best - _reach;

    // The logits in [lower, upper).
    private void TakeBand(float lower, float upper)
    {
        _band.Clear();
        for (int token = 0; token < _logits.Length; token++)
        {
            if (_logits[token] >= lower && _logits[token] < upper)
                _band.Add(new llama_token_data { id = token, logit = _logits[token] });
        }

        Span<llama_token_data> band = CollectionsMarshal.AsSpan(_band);
        if (_grammar.IsActive)
            _grammar.Refuse(band);
        foreach (llama_token_data candidate in band)
        {
            if (candidate.logit > float.NegativeInfinity)
                _fitting.Add(candidate);
        }
    }

    // The largest logit below a bound.
    private float Most(float below)
    {
        float most = float.NegativeInfinity;
        foreach (float logit in _logits)
            most = logit < below && logit > most ? logit : most;
        return most;
    }
}
