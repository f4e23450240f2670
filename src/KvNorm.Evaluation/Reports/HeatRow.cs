namespace KvNorm.Evaluation.Reports;

/// <summary>A row of a heat table.</summary>
/// <param name="Arm">The arm's name.</param>
/// <param name="Of">What else tells the row from others: a share or a length.</param>
/// <param name="Points">Its numbers.</param>
internal sealed record HeatRow(string Arm, string Of, IReadOnlyList<ScorePoint> Points);
