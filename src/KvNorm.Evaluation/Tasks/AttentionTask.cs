using System.Diagnostics;
using KvNorm.Evaluation.Models;
using KvNorm.Evaluation.Results;

namespace KvNorm.Evaluation.Tasks;

/// <summary>
/// How well a scorer's order is that of the attention which the next tokens pay: ALR (Devoto et al. 2024, arXiv 2406.11430, Eq. 1 to 3) and
/// the rank correlation, per layer and head. Nothing is evicted.
/// </summary>
internal sealed class AttentionTask() : EvaluationTask("attention", null, version: 1)
{
    private const int NextTokens = 8; // each of them is the paper's x_(n+1), after a text that is a token longer

    // The session reads the attention of all tokens, which any policy may look at.
    private static readonly EvictionPolicy ReadsAttention = EvictionPolicy.Named("h2o");

    public override string Metric => "ALR";

    public override bool LowerIsBetter => true;

    internal override IReadOnlyList<double> Shares => [1];

    internal override bool KeepsShares => false;

    internal override int Weight => 3;

    // Only what scores has an order.
    internal override bool Measures(EvaluationArm arm) =>
        base.Measures(arm) && arm.Kind is EvaluationArmKind.Policy or EvaluationArmKind.Marks;

    internal override IEnumerable<IReadOnlyList<Prediction>> Run(
        ItemRequest request, IReadOnlyList<ArmShare> arms, CancellationToken cancellationToken)
    {
        int trained = request.Model.TrainedLength, length = request.Length;
        if (trained > 0 && length + NextTokens > trained)
            yield break; // no cache of this model becomes so large
        int[] tokens = PerplexityTask.Passage(request with { Length = length + NextTokens });
        using EvaluationCache cache = request.Model.Create(tokens.Length, ReadsAttention);
        cache.Prefill(tokens.AsSpan(0, length), cancellationToken);
        IReadOnlyList<float[]>[] scores = new IReadOnlyList<float[]>[arms.Count];
        double[] seconds = new double[arms.Count];
        for (int arm = 0; arm < arms.Count; arm++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            scores[arm] = cache.Scores(arms[arm].Arm.PolicyFor(request, tokens[..length]));
            seconds[arm] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        (int[] layers, List<IReadOnlyList<float[]>> attention) = ReadAttention(cache, tokens.AsMemory(length), cancellationToken);
        for (int arm = 0; arm < arms.Count; arm++)
        {
            IReadOnlyList<float[]> own = scores[arm];
            HeadMetrics[] heads = [.. Enumerable.Range(0, layers.Length).Select(head => Compare(head, layers, own[head], attention))];
            yield return [Describe(request, arms[arm], heads) with { Cells = cache.Cells, Seconds = seconds[arm] }];
        }
    }

    private Prediction Describe(ItemRequest request, ArmShare arm, HeadMetrics[] heads) =>
        new(Name, Version, request.Length, request.Index, "", 1, arm.Arm.Name, arm.Share)
        {
            Length = request.Length,
            Score = heads.Average(static head => head.AttentionLoss),
            Correlation = heads.Average(static head => head.Correlation),
            ByHead = heads,
            Bytes = request.Length * request.Model.BytesPerCell,
        };

    // What each of the next tokens pays to every row before it, and the layer of each head.
    private static (int[] Layers, List<IReadOnlyList<float[]>> Attention) ReadAttention(
        EvaluationCache cache, ReadOnlyMemory<int> next, CancellationToken cancellationToken)
    {
        int[] layers = [];
        EvictionPolicy latest = EvictionPolicy.Custom("attention", context => new LatestAttention(layers = new int[context.HeadCount]));
        List<IReadOnlyList<float[]>> attention = [];
        for (int token = 0; token < next.Length; token++)
        {
            cache.Prefill(next.Span.Slice(token, 1), cancellationToken);
            attention.Add(cache.Scores(latest));
        }

        return (layers, attention);
    }

    private static HeadMetrics Compare(int head, int[] layers, float[] scores, List<IReadOnlyList<float[]>> attention)
    {
        double loss = 0, correlation = 0;
        foreach (IReadOnlyList<float[]> paid in attention)
        {
            ReadOnlySpan<float> received = paid[head].AsSpan(0, scores.Length);
            loss += AttentionOrder.Loss(scores, received) / attention.Count;
            correlation += AttentionOrder.Correlation(scores, received) / attention.Count;
        }

        return new HeadMetrics(layers[head], head - Array.IndexOf(layers, layers[head]), loss, correlation);
    }

    /// <summary>Scores rows by the attention that the latest token pays to them.</summary>
    /// <param name="layers">Receives the layer of each head, (heads).</param>
    private sealed class LatestAttention(int[] layers) : KeyScorer
    {
        public override bool NeedsKeys => false;

        public override int AttentionWindow => 1;

        public override void Score(in HeadRows rows, Span<float> scores)
        {
            layers[rows.Head] = rows.Layer;
            rows.Attention.CopyTo(scores);
        }
    }
}
