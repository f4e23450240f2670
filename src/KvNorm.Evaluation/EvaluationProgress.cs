namespace KvNorm.Evaluation;

/// <summary>How far a run is.</summary>
/// <param name="Task">The task that is running.</param>
/// <param name="Done">Pairs of an item and an arm that are done, in this task.</param>
/// <param name="Total">Those there are.</param>
public readonly record struct EvaluationProgress(EvaluationTask Task, int Done, int Total);
