namespace KvNorm.Evaluation;

/// <summary>What a run found: metrics.json.</summary>
/// <param name="Runs">What every start of it was made with, the first to the last.</param>
/// <param name="Tasks">Each task at each length.</param>
public sealed record EvaluationMetrics(IReadOnlyList<EvaluationRunFacts> Runs, IReadOnlyList<TaskMetrics> Tasks);
