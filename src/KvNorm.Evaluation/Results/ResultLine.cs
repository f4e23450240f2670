namespace KvNorm.Evaluation.Results;

/// <summary>A line of predictions.jsonl: one of both.</summary>
/// <param name="Run">A start of the run.</param>
/// <param name="Prediction">Something measured.</param>
internal sealed record ResultLine(EvaluationRunFacts? Run = null, Prediction? Prediction = null);
