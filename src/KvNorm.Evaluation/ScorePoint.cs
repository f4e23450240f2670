namespace KvNorm.Evaluation;

/// <summary>A score at some place.</summary>
/// <param name="At">The place.</param>
/// <param name="Score">The mean score there.</param>
/// <param name="Count">Answers, or tokens, that it is the mean of.</param>
public readonly record struct ScorePoint(double At, double Score, int Count);
