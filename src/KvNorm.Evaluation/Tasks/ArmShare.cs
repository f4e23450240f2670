namespace KvNorm.Evaluation.Tasks;

/// <summary>An arm and how much it may keep.</summary>
/// <param name="Arm">The arm.</param>
/// <param name="Share">Share of the item's tokens, or of those in the cache at once where a task streams.</param>
internal sealed record ArmShare(EvaluationArm Arm, double Share)
{
    /// <summary>Rows kept of so many, as a cache can have them.</summary>
    public int Rows(int of) => Math.Max(1, (int)(of * Share));
}
