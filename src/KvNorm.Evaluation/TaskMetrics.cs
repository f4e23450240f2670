using System.Text.Json.Serialization;

namespace KvNorm.Evaluation;

/// <summary>What was found in a task at one length.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Length">Tokens that its items were asked to have; 0 for records of a data set, which have their own lengths.</param>
/// <param name="Metric">What the score is.</param>
/// <param name="LowerIsBetter">Whether a lower score is better.</param>
/// <param name="Arms">Each arm at each share.</param>
public sealed record TaskMetrics(
    string Task, int Version, int Length, string Metric, bool LowerIsBetter, IReadOnlyList<ArmMetrics> Arms)
{
    /// <summary>Gets what to call it: the task, and its length where that was asked for.</summary>
    [JsonIgnore]
    public string Title => Length > 0 ? $"{Task}, {Length} tokens" : Task;
}
