using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tests.Models;

/// <summary>
/// A cache that keeps the pinned tokens, the last one and, by the policy's name: words with digits first (salience), what an
/// eviction has seen before (any with -once), the latest (all others).
/// </summary>
internal sealed class ScriptedCache(ScriptedModel model, int cells, EvictionPolicy policy) : EvaluationCache
{
    private readonly List<int> _tokens = [];
    private readonly List<int> _held = []; // indices into the tokens
    private int _pinned, _evictions, _recalls, _seen; // tokens that an eviction has seen

    public override int Cells => _held.Count;

    public override int Tokens => _tokens.Count;

    public override int Evictions => _evictions;

    public override double EvictionMilliseconds => _evictions * 2;

    public override double RecallMilliseconds => _recalls * 3;

    public int Pinned => _pinned;

    public string HeldText => model.Text(_held.Select(index => _tokens[index]));

    // What is held is likely to come again.
    public override ReadOnlySpan<float> NextLogits
    {
        get
        {
            float[] logits = new float[ScriptedModel.Vocabulary];
            foreach (int index in _held)
                logits[_tokens[index]] = 8;
            return logits;
        }
    }

    public override EvaluationCache Fork(EvictionPolicy? policy1 = null)
    {
        ScriptedCache fork = new(model, cells, policy1 ?? policy) { _pinned = _pinned, _evictions = _evictions };
        fork._tokens.AddRange(_tokens);
        fork._held.AddRange(_held);
        return fork;
    }

    public override void PinPrefix(int tokens) => _pinned = tokens;

    public override void Prefill(ReadOnlySpan<int> tokens, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (int token in tokens)
        {
            if (_held.Count == cells)
                Evict(cells / 2);
            _held.Add(_tokens.Count);
            _tokens.Add(token);
            model.Decoded++;
        }
    }

    public override void Evict(int keep)
    {
        int last = _tokens.Count - 1;
        bool once = policy.Name.EndsWith("-once", StringComparison.Ordinal);
        int[] kept =
        [
            .. _held.OrderByDescending(index => index < _pinned || index == last || (once && index < _seen))
                .ThenByDescending(index => policy.Name == "salience" && model.Word(_tokens[index]).Any(char.IsDigit))
                .ThenByDescending(static index => index).Take(keep).Order(),
        ];
        _held.Clear();
        _held.AddRange(kept);
        _evictions++;
        _seen = _tokens.Count;
    }

    // The last word of a question comes back with the two words behind it.
    public override int Recall(ReadOnlySpan<int> question)
    {
        int word = question[^2]; // the last is a full stop or a question mark
        int[] asked =
        [
            .. Enumerable.Range(0, _tokens.Count).Where(index => _tokens[index] == word)
                .SelectMany(index => Enumerable.Range(index, Math.Min(3, _tokens.Count - index))),
        ];
        int[] lacking = [.. asked.Except(_held)];
        _held.AddRange(lacking);
        _held.Sort();
        _recalls += lacking.Length > 0 ? 1 : 0;
        return lacking.Length;
    }

    public override IReadOnlyList<double> LogLikelihood(ReadOnlySpan<int> continuation, CancellationToken cancellationToken)
    {
        HashSet<int> held = [.. _held.Select(index => _tokens[index])];
        return [.. continuation.ToArray().Select(token => held.Contains(token) ? -0.1 : -3)];
    }

    public override GeneratedText Generate(int maximumTokens, CancellationToken cancellationToken)
    {
        int[] said = [.. model.Tokenize(model.Answer(HeldText)).Take(maximumTokens)];
        return new GeneratedText(model.Text(said), said.Length, said.Length == maximumTokens);
    }

    public override IReadOnlyList<float> Held() => [.. Enumerable.Range(0, _tokens.Count).Select(index => _held.Contains(index) ? 1f : 0)];

    public override void Dispose()
    {
    }
}
