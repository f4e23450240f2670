namespace KvNorm.Evaluation;

/// <summary>What was found of an arm that keeps a share.</summary>
/// <param name="Arm">The arm's name.</param>
/// <param name="Share">The share; 1 for a full cache.</param>
/// <param name="Items">Items.</param>
/// <param name="Answers">Answers: an item may have several questions.</param>
/// <param name="Score">The task's metric.</param>
public sealed record ArmMetrics(string Arm, double Share, int Items, int Answers, Interval Score)
{
    /// <summary>
    /// Gets the share of the right answers that stand in the answer as a whole, where the score is RULER's, which also counts one that goes
    /// on: 5990070 in 59900705.
    /// </summary>
    public Interval? Exact { get; init; }

    /// <summary>Gets the mean natural logarithm of the probability of the right answer's tokens, teacher-forced; at most 0.</summary>
    public Interval? LogProbability { get; init; }

    /// <summary>Gets the score less that of the full cache, in pairs.</summary>
    public Interval? ScoreToFull { get; init; }

    /// <summary>Gets the score among the questions that the full cache answers right.</summary>
    public Interval? ScoreWhereFullIsRight { get; init; }

    /// <summary>Gets the log-probability (natural logarithm) less that of the full cache, in pairs.</summary>
    public Interval? LogProbabilityToFull { get; init; }

    /// <summary>Gets the score less that of the default policy at the same share, in pairs.</summary>
    public Interval? ScoreToDefault { get; init; }

    /// <summary>Gets the log-probability (natural logarithm) less that of the default policy at the same share, in pairs.</summary>
    public Interval? LogProbabilityToDefault { get; init; }

    /// <summary>Gets the mean Kullback-Leibler divergence from the full cache, in nats.</summary>
    public Interval? Divergence { get; init; }

    /// <summary>Gets the share of tokens at which the most likely one is the full cache's.</summary>
    public Interval? SameTop { get; init; }

    /// <summary>Gets the share of the heads that hold the tokens in which the answer stands.</summary>
    public Interval? EvidenceHeld { get; init; }

    /// <summary>Gets the mean tokens of an answer.</summary>
    public double? AnswerTokens { get; init; }

    /// <summary>Gets the share of the answers that would have gone on.</summary>
    public double? HitLimit { get; init; }

    /// <summary>Gets the mean evictions of an item before the question.</summary>
    public double Evictions { get; init; }

    /// <summary>Gets the mean milliseconds of an eviction; null when there was none.</summary>
    public double? EvictionMilliseconds { get; init; }

    /// <summary>Gets the mean tokens that came back for a question; null where the arm recalls nothing.</summary>
    public double? RecalledTokens { get; init; }

    /// <summary>Gets the mean milliseconds of a recall that brought something back; null when none did.</summary>
    public double? RecallMilliseconds { get; init; }

    /// <summary>Gets the mean cells in use when an answer begins.</summary>
    public double Cells { get; init; }

    /// <summary>Gets their bytes.</summary>
    public double Bytes { get; init; }

    /// <summary>Gets the mean seconds of a question and its answer.</summary>
    public double Seconds { get; init; }

    /// <summary>
    /// Gets the mean seconds that a cache took before questions: prefill, where it is not shared with an arm before, and evictions; null
    /// where nothing is asked.
    /// </summary>
    public double? SecondsBefore { get; init; }

    /// <summary>Gets what was found of each kind of question; null where there is one kind.</summary>
    public IReadOnlyList<GroupMetrics>? ByGroup { get; init; }

    /// <summary>Gets the mean rank correlation of the scores with the attention received, over layers and heads.</summary>
    public Interval? Correlation { get; init; }

    /// <summary>Gets the means of each head.</summary>
    public IReadOnlyList<HeadMetrics>? ByHead { get; init; }

    /// <summary>Gets the score by where the answer stands, as a share of the text, 0 for its beginning.</summary>
    public IReadOnlyList<ScorePoint>? ByDepth { get; init; }

    /// <summary>Gets the score by how long ago the answer was told, as a share of the conversation.</summary>
    public IReadOnlyList<ScorePoint>? ByAge { get; init; }

    /// <summary>Gets how a text went along its tokens, by the first of a block.</summary>
    public IReadOnlyList<StreamPoint>? ByPosition { get; init; }

    /// <summary>Gets how a text went by the tokens since the last eviction.</summary>
    public IReadOnlyList<StreamPoint>? ByDistance { get; init; }
}
