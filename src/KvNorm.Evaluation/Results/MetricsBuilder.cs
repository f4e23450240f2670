using KvNorm.Evaluation.Tasks;

namespace KvNorm.Evaluation.Results;

/// <summary>Metrics from predictions: nothing else goes into them, so that they can be made again.</summary>
internal static class MetricsBuilder
{
    private const int AgeSteps = 10; // of a conversation's length

    public static EvaluationMetrics Build(IReadOnlyList<EvaluationRunFacts> runs, IEnumerable<Prediction> predictions) => new(
        runs,
        [
            .. predictions.GroupBy(static prediction => (prediction.Task, prediction.Version, prediction.Size))
                .OrderBy(static group => OrderOf(group.Key.Task)).ThenBy(static group => group.Key.Size)
                .Select(static group => Of(group.Key.Task, group.Key.Version, group.Key.Size, [.. group])),
        ]);

    private static int OrderOf(string task)
    {
        int at = EvaluationTask.All.Select(static known => known.Name).ToList().IndexOf(task);
        return at < 0 ? int.MaxValue : at;
    }

    private static TaskMetrics Of(string name, int version, int size, IReadOnlyList<Prediction> predictions)
    {
        EvaluationTask? task = EvaluationTask.All.FirstOrDefault(task => task.Name == name);
        ILookup<(string Arm, double Share), Prediction> arms =
            predictions.ToLookup(static prediction => (prediction.Arm, prediction.Share));
        Prediction[] full = [.. arms[(EvaluationArm.Full.Name, 1)]];
        bool lowerIsBetter = task?.LowerIsBetter ?? false; // then a score of 1 is no right answer
        HashSet<(int, string)>? right =
            lowerIsBetter ? null : [.. full.Where(static p => p.Score == 1).Select(static p => (p.Item, p.Probe))];
        return new TaskMetrics(
            name, version, size, task?.Metric ?? "score", lowerIsBetter,
            [
                .. arms.OrderByDescending(static arm => arm.Key.Share).Select(
                    arm => Of([.. arm], full, right, [.. arms[(EvictionPolicy.Salience.Name, arm.Key.Share)]]) with
                    {
                        Exact = task?.Metric == AnswerMetric.StringMatchAll.Name ? Mean(arm, Exact) : null,
                    }),
            ]);
    }

    private static double? Exact(Prediction prediction) =>
        prediction is { Answer: { } answer, Expected: { Count: > 0 } expected } ? AnswerMetric.Exact.Score(answer, expected) : null;

    private static ArmMetrics Of(Prediction[] own, Prediction[] full, HashSet<(int, string)>? right, Prediction[] reference)
    {
        IGrouping<int, Prediction>[] items = [.. own.GroupBy(static prediction => prediction.Item)];
        double evictions = items.Average(static item => (double)item.First().Evictions);
        return new ArmMetrics(own[0].Arm, own[0].Share, items.Length, own.Length, Mean(own, static p => p.Score)!.Value)
        {
            LogProbability = Mean(own, static p => p.LogProbability),
            ScoreToFull = own[0].Arm == EvaluationArm.Full.Name ? null : Difference(own, full, static p => p.Score),
            ScoreWhereFullIsRight = own[0].Arm == EvaluationArm.Full.Name ? null : Where(right, own),
            LogProbabilityToFull = Difference(own, full, static p => p.LogProbability),
            ScoreToDefault = Difference(own, reference, static p => p.Score),
            LogProbabilityToDefault = Difference(own, reference, static p => p.LogProbability),
            Divergence = Mean(own, static p => p.Divergence),
            SameTop = Mean(own, static p => p.SameTop),
            EvidenceHeld = Mean(own, static p => p.EvidenceHeld),
            Correlation = Mean(own, static p => p.Correlation),
            ByHead = Heads(own),
            AnswerTokens = own.Average(static p => p.AnswerTokens),
            HitLimit = own.Average(static p => p.HitLimit is { } hit ? hit ? 1.0 : 0 : null),
            Evictions = evictions,
            EvictionMilliseconds = evictions > 0 ? items.Average(static item => item.First().EvictionMilliseconds) / evictions : null,
            RecalledTokens = own.Average(static p => p.RecalledTokens),
            RecallMilliseconds = own.Average(static p => p.RecallMilliseconds),
            Cells = own.Average(static p => (double)p.Cells),
            Bytes = own.Average(static p => (double)p.Bytes),
            Seconds = own.Average(static p => p.Seconds),
            SecondsBefore = own.Average(static p => p.SecondsBefore),
            ByDepth = Points(own, static p => p.Depth),
            ByAge = Points(own, static p => p.Age is { } age ? Math.Floor((double)age / p.Length * AgeSteps) / AgeSteps : null),
            ByPosition = Along(own, static p => p.ByPosition),
            ByDistance = Along(own, static p => p.ByDistance),
            ByGroup = Groups(own, reference),
        };
    }

    private static Interval? Mean(IEnumerable<Prediction> predictions, Func<Prediction, double?> value)
    {
        double[][] items =
        [
            .. predictions.GroupBy(static prediction => prediction.Item)
                .Select(item => item.Select(value).OfType<double>().ToArray()).Where(static values => values.Length > 0),
        ];
        return items.Length == 0 ? null : Interval.Of(items);
    }

    // Of questions that both have answered; none against itself.
    private static Interval? Difference(Prediction[] own, Prediction[] others, Func<Prediction, double?> value)
    {
        if (others.Length == 0 || ReferenceEquals(own[0], others[0]))
            return null;
        Dictionary<(int, string), double?> theirs = others.ToDictionary(static other => (other.Item, other.Probe), value);
        return Mean(own, p => theirs.TryGetValue((p.Item, p.Probe), out double? other) ? value(p) - other : null);
    }

    private static Interval? Where(HashSet<(int, string)>? right, Prediction[] own) =>
        right is null ? null : Mean(own, p => right.Contains((p.Item, p.Probe)) ? p.Score : null);

    private static ScorePoint[]? Points(IEnumerable<Prediction> predictions, Func<Prediction, double?> place)
    {
        ScorePoint[] points =
        [
            .. predictions.Where(p => place(p) is not null).GroupBy(p => place(p)!.Value).OrderBy(static group => group.Key)
                .Select(static group => new ScorePoint(group.Key, group.Average(static p => p.Score), group.Count())),
        ];
        return points.Length == 0 ? null : points;
    }

    private static HeadMetrics[]? Heads(IEnumerable<Prediction> predictions)
    {
        HeadMetrics[] heads =
        [
            .. predictions.SelectMany(static p => p.ByHead ?? []).GroupBy(static head => (head.Layer, head.Head))
                .OrderBy(static group => group.Key)
                .Select(static group => new HeadMetrics(
                    group.Key.Layer,
                    group.Key.Head,
                    group.Average(static head => head.AttentionLoss),
                    group.Average(static head => head.Correlation))),
        ];
        return heads.Length == 0 ? null : heads;
    }

    private static GroupMetrics[]? Groups(Prediction[] own, Prediction[] reference)
    {
        GroupMetrics[] groups =
        [
            .. own.Where(static p => p.Group is not null).GroupBy(static p => p.Group!, StringComparer.Ordinal)
                .Select(group => Of(group.Key, [.. group], [.. reference.Where(p => p.Group == group.Key)])),
        ];
        return groups.Length == 0 ? null : groups;
    }

    private static GroupMetrics Of(string group, Prediction[] own, Prediction[] reference) =>
        new(group, own.Length, Mean(own, static p => p.Score)!.Value, Mean(own, static p => p.LogProbability))
        {
            ScoreToDefault = Difference(own, reference, static p => p.Score),
            LogProbabilityToDefault = Difference(own, reference, static p => p.LogProbability),
        };

    private static StreamPoint[]? Along(IEnumerable<Prediction> predictions, Func<Prediction, IReadOnlyList<StreamBlock>?> blocks)
    {
        StreamPoint[] points =
        [
            .. predictions.SelectMany(p => blocks(p) ?? []).GroupBy(static block => block.Start).OrderBy(static group => group.Key)
                .Select(static group => At(group.Key, [.. group])),
        ];
        return points.Length == 0 ? null : points;
    }

    private static StreamPoint At(int start, StreamBlock[] items)
    {
        StreamBlock all = items.Aggregate(static (sum, block) => sum.Plus(block));
        Interval less = Interval.Of([.. items.Select(static block => (block.FullLogProbability - block.LogProbability, block.Count))]);
        return new StreamPoint(start, less.Through(Math.Exp), all.Divergence / all.Count, (double)all.SameTop / all.Count, all.Count);
    }
}
