namespace KvNorm.Evaluation;

/// <summary>A score at some place.</summary>
/// <param name="At">The place, in the unit of the list that it is in: a share, 0 to 1, or a number of tokens.</param>
/// <param name="Score">The score there: the mean of the task's metric, or a perplexity ratio over all tokens there.</param>
/// <param name="Count">Answers, or tokens, that it is the mean of.</param>
public readonly record struct ScorePoint(double At, double Score, int Count);
