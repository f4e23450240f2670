using KvNorm.Evaluation.Models;
using KvNorm.Evaluation.Results;

namespace KvNorm.Evaluation.Tasks;

/// <summary>Milliseconds that an eviction of half of the rows takes.</summary>
internal sealed class EvictionCostTask() : EvaluationTask("cost", null, version: 2)
{
    public override string Metric => "milliseconds per eviction";

    public override bool LowerIsBetter => true;

    internal override IReadOnlyList<double> Shares => [0.5];

    internal override IReadOnlyList<int> Lengths => [1024, 4096, 16384];

    internal override int Weight => 3;

    internal override bool Measures(EvaluationArm arm) => base.Measures(arm) && arm.Kind is EvaluationArmKind.Policy or EvaluationArmKind.Marks;

    internal override IEnumerable<IReadOnlyList<Prediction>> Run(
        ItemRequest request, IReadOnlyList<ArmShare> arms, CancellationToken cancellationToken)
    {
        if (request.Model.TrainedLength is var trained and > 0 && request.Length > trained)
            yield break; // no cache of this model becomes so large
        EvictionPolicy reading = EvaluationArm.ReadingFor(arms.Select(static arm => arm.Arm));
        using EvaluationCache whole = request.Model.Create(request.Length, reading);
        int[] tokens = PerplexityTask.Passage(request);
        whole.Prefill(tokens, cancellationToken);
        foreach (ArmShare arm in arms)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using EvaluationCache cache = whole.Fork(arm.Arm.PolicyFor(request, tokens));
            cache.Evict(arm.Rows(request.Length)); // not counted: the first one makes the buffers
            cache.CopyFrom(whole); // with the queries of all tokens, at which an eviction looks only once
            double before = cache.EvictionMilliseconds;
            cache.Evict(arm.Rows(request.Length));
            double milliseconds = cache.EvictionMilliseconds - before;
            yield return
            [
                new Prediction(Name, Version, request.Length, request.Index, "", 1, arm.Arm.Name, arm.Share)
                {
                    Length = request.Length,
                    Score = milliseconds,
                    Evictions = 1,
                    EvictionMilliseconds = milliseconds,
                    Cells = cache.Cells,
                    Bytes = cache.Cells * request.Model.BytesPerCell,
                    Seconds = milliseconds / 1000,
                },
            ];
        }
    }
}
