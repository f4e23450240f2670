namespace KvNorm.Evaluation.Models;

/// <summary>A cache of a real model.</summary>
internal sealed class SessionCache(KvCacheSession session) : EvaluationCache
{
    private KvCacheSession Session => session;

    public override int Cells => session.Statistics.Cells;

    public override int MinimumKeep => session.MinimumKeep;

    public override int Tokens => session.Statistics.LogicalTokens;

    public override int Evictions => session.Statistics.Evictions;

    public override double EvictionMilliseconds => session.Statistics.EvictionMilliseconds;

    public override double RecallMilliseconds => session.Statistics.RecallMilliseconds;

    public override ReadOnlySpan<float> NextLogits => session.NextLogits;

    public override EvaluationCache Fork(EvictionPolicy? policy = null) => new SessionCache(session.Fork(policy: policy));

    public override void CopyFrom(EvaluationCache other) => session.CopyFrom(((SessionCache)other).Session);

    public override void PinPrefix(int tokens, int firstMessage = 0) => session.PinPrefix(tokens, firstMessage);

    public override void BeginMessage() => session.BeginMessage();

    public override void Prefill(ReadOnlySpan<int> tokens, CancellationToken cancellationToken) =>
        session.Prefill(tokens, cancellationToken);

    public override void Evict(int keep) => session.Evict(keep);

    public override int Recall(ReadOnlySpan<int> question) => session.Recall(question);

    public override IReadOnlyList<float[]> Scores(EvictionPolicy policy) => session.GetScores(policy);

    public override IReadOnlyList<double> LogLikelihood(ReadOnlySpan<int> continuation, CancellationToken cancellationToken) =>
        session.GetLogLikelihood(continuation, cancellationToken).PerToken;

    public override GeneratedText Generate(int maximumTokens, CancellationToken cancellationToken)
    {
        int before = Tokens;
        string text = session.Generate(maximumTokens, cancellationToken: cancellationToken);
        int tokens = Tokens - before;
        return new GeneratedText(text, tokens, tokens == maximumTokens && !session.IsAtEnd);
    }

    public override IReadOnlyList<float> Held() => [.. session.GetRetention().Select(static token => token.Held)];

    public override void Dispose() => session.Dispose();
}
