namespace KvNorm.Evaluation;

/// <summary>What was found of one kind of question.</summary>
/// <param name="Group">The kind.</param>
/// <param name="Answers">Answers.</param>
/// <param name="Score">The task's metric.</param>
/// <param name="LogProbability">The mean natural logarithm of the probability of the right answer's tokens, teacher-forced.</param>
public sealed record GroupMetrics(string Group, int Answers, Interval Score, Interval? LogProbability)
{
    /// <summary>Gets the score less that of the default policy at the same share, in pairs.</summary>
    public Interval? ScoreToDefault { get; init; }

    /// <summary>Gets the log-probability (natural logarithm) less that of the default policy at the same share, in pairs.</summary>
    public Interval? LogProbabilityToDefault { get; init; }
}
