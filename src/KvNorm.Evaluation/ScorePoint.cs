namespace KvNorm.Evaluation;

/// <summary>A score at some place.</summary>
/// <param name="At">The place, in the unit of the list that it is in: a share, 0 to 1, or a number of tokens.</param>
/// <param name="Score">The number there, such as the mean of the task's metric.</param>
/// <param name="Count">What it is the mean of: answers, or tokens.</param>
public readonly record struct ScorePoint(double At, double Score, int Count);
