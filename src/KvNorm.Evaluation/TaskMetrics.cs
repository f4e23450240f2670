namespace KvNorm.Evaluation;

/// <summary>What was found in a task at one length.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Length">Tokens that its items were asked to have.</param>
/// <param name="Metric">What the score is.</param>
/// <param name="LowerIsBetter">Whether a lower score is better.</param>
/// <param name="Arms">Each arm at each share.</param>
public sealed record TaskMetrics(
    string Task, int Version, int Length, string Metric, bool LowerIsBetter, IReadOnlyList<ArmMetrics> Arms);
