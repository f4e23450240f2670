using System.Diagnostics;
using KvNorm.Evaluation.Models;
using KvNorm.Evaluation.Results;

namespace KvNorm.Evaluation.Tasks;

/// <summary>Questions about a text that is no longer wholly in the cache.</summary>
internal sealed class RetrievalTask(
    string family, string? variant, int version, AnswerMetric metric, RetrievalMode mode, Func<ItemRequest, RetrievalItem> create)
    : EvaluationTask(family, variant, version)
{
    public override string Metric => metric.Name;

    /// <summary>Gets what counts the items of a data set; null where items are made.</summary>
    public Func<DataSet, int>? CountIn { get; init; }

    internal override IReadOnlyList<double> Shares => mode == RetrievalMode.Once ? base.Shares : [1.0 / 6, 1.0 / 12];

    internal override IReadOnlyList<int> Lengths => mode == RetrievalMode.Once ? base.Lengths : [2400];

    internal override bool HasMessages => mode == RetrievalMode.Streaming;

    internal override bool GoesBeyondTraining => true;

    internal override int Weight => mode == RetrievalMode.Once ? 1 : 3;

    internal override bool NeedsData => CountIn is not null;

    /// <summary>Makes an item.</summary>
    public RetrievalItem Create(ItemRequest request) => create(request);

    internal override int Count(DataSet? data) => CountIn is null ? base.Count(data) : CountIn(data!);

    internal override IEnumerable<IReadOnlyList<Prediction>> Run(
        ItemRequest request, IReadOnlyList<ArmShare> arms, CancellationToken cancellationToken)
    {
        RetrievalItem item = create(request);
        int trained = request.Model.TrainedLength;
        bool fits = Fits(new ArmShare(EvaluationArm.Full, 1));
        EvictionPolicy reading = EvaluationArm.ReadingFor(arms.Select(static arm => arm.Arm));
        using RetrievalCaches caches = new(request, item, fits ? mode : RetrievalMode.Streaming, reading, cancellationToken);
        foreach (ArmShare arm in arms.Where(Fits))
        {
            cancellationToken.ThrowIfCancellationRequested();
            IEnumerable<IReadOnlyList<Probe>> sharing = arm.Arm.Kind == EvaluationArmKind.Passage
                ? item.Probes.Select(static probe => new[] { probe })
                : [item.Probes];
            yield return [.. sharing.SelectMany(probes => Answer(request, item, arm, caches, probes, cancellationToken))];
        }

        // No cache holds more than the model was trained for: an arm that needs more would get less than its share.
        bool Fits(ArmShare arm) => trained == 0 || RetrievalCaches.CellsOf(item, arm) <= trained;
    }

    // The answers to questions that are asked of the same cache.
    private Prediction[] Answer(
        ItemRequest request,
        RetrievalItem item,
        ArmShare arm,
        RetrievalCaches caches,
        IReadOnlyList<Probe> probes,
        CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        using OpenedCache opened = caches.Open(arm, probes[0]);
        IEnumerable<Segment> evidence = arm.Arm.Kind == EvaluationArmKind.Passage
            ? probes.SelectMany(static probe => probe.Evidence)
            : item.Segments.Where(static segment => segment.IsEvidence);
        Prediction common = Describe(request, item, arm, opened.Cache) with
        {
            EvidenceHeld = opened.ShareHeld(evidence),
            SecondsBefore = Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
        return [.. probes.Select(probe => Answer(probe, arm.Arm, common, request.Model, opened.Cache, cancellationToken))];
    }

    private Prediction Describe(ItemRequest request, RetrievalItem item, ArmShare arm, EvaluationCache cache) =>
        new(Name, Version, request.Length, request.Index, "", item.Probes.Count, arm.Arm.Name, arm.Share)
        {
            Length = item.Length,
            Depth = item.Depth,
            Evictions = cache.Evictions,
            EvictionMilliseconds = cache.EvictionMilliseconds,
        };

    private Prediction Answer(
        Probe probe,
        EvaluationArm arm,
        Prediction common,
        EvaluationModel model,
        EvaluationCache cache,
        CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        using EvaluationCache fork = cache.Fork();
        if (arm.Recalls)
            fork.BeginMessage();
        int? recalled = arm.Recalls && probe.Asked is { } asked ? fork.Recall(asked) : null;
        fork.Prefill(probe.Question, cancellationToken);
        double? logProbability =
            probe.RightAnswer.Length > 0 ? fork.LogLikelihood(probe.RightAnswer, cancellationToken).Average() : null;
        int cells = fork.Cells;
        GeneratedText answer = fork.Generate(probe.MaximumTokens, cancellationToken);
        return common with
        {
            Probe = probe.Name,
            Group = probe.Group,
            Age = probe.Age,
            Answer = answer.Text,
            Expected = probe.Expected,
            Score = probe.Expected.Count > 0 ? metric.Score(answer.Text, probe.Expected) : recalled > 0 ? 0 : 1,
            LogProbability = logProbability,
            AnswerTokens = answer.Tokens,
            HitLimit = answer.HitLimit,
            RecalledTokens = recalled,
            RecallMilliseconds = recalled > 0 ? fork.RecallMilliseconds : null,
            Cells = cells,
            Bytes = cells * model.BytesPerCell,
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
    }
}
