using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tests.Models;

/// <summary>
/// A cache that keeps the pinned tokens, a short first message, the last token and, by the policy's name: words with digits first
/// (salience), what an eviction has seen before (any with -once), the latest (all others).
/// </summary>
internal sealed class ScriptedCache(ScriptedModel model, int cells, EvictionPolicy policy) : EvaluationCache
{
    private readonly List<int> _tokens = [];
    private readonly List<int> _held = []; // indices into the tokens
    private int _pinned, _evictions, _recalls, _seen; // tokens that an eviction has seen

    public override int Cells => _held.Count;

    public override int MinimumKeep => _pinned + 2; // one row beside the first tokens and the last

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
        ScriptedCache fork = new(model, cells, policy1 ?? policy);
        fork.CopyFrom(this);
        return fork;
    }

    public override void CopyFrom(EvaluationCache other)
    {
        ScriptedCache copied = (ScriptedCache)other;
        _pinned = copied._pinned;
        _tokens.Clear();
        _tokens.AddRange(copied._tokens);
        _held.Clear();
        _held.AddRange(copied._held);
    }

    public override void PinPrefix(int tokens, int firstMessage = 0) =>
        _pinned = tokens + (firstMessage <= cells / 16 ? firstMessage : 0);

    public override void BeginMessage() => model.Messages.Add(_tokens.Count);

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
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, MinimumKeep); // as in a session
        model.EvictedFrom.Add(_held.Count);
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

    // Two layers of two heads, whose keys and values grow along the rows. The latest token pays more to later rows in the first head of a
    // layer, and more to earlier ones in the second.
    public override IReadOnlyList<float[]> Scores(EvictionPolicy scored)
    {
        KeyScorer scorer = scored.CreateScorer(4);
        int[] tokens = [.. _held];
        float[] vectors = [.. tokens.SelectMany(static token => new[] { token + 1f, 1 })];
        List<float[]> all = [];
        for (int head = 0; head < 4; head++)
        {
            float[] scores = new float[tokens.Length];
            bool reads = scorer.AttentionWindow > 0 && policy.CreateScorer(4).AttentionWindow >= scorer.AttentionWindow;
            HeadRows rows = new()
            {
                Layer = head / 2,
                Head = head,
                Count = tokens.Length,
                FirstNew = 0,
                KeyLength = 2,
                ValueLength = 2,
                Keys = vectors,
                Values = vectors,
                Tokens = tokens,
                Attention = reads ? Attention(head % 2 == 0) : [],
                AttentionTokens = reads ? 1 : 0,
            };
            scorer.Score(rows, scores);
            all.Add(scores);
        }

        return all;

        float[] Attention(bool rising)
        {
            double sum = tokens.Length * (tokens.Length + 1) / 2.0;
            return [.. tokens.Select((_, row) => (float)((rising ? row + 1 : tokens.Length - row) / sum))];
        }
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
