using System.Text.Json.Serialization;

namespace KvNorm.Evaluation.Results;

/// <summary>What was measured of one arm on one question: a line of predictions.jsonl.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Size">Tokens that the item was asked to have; 0 for a record of a data set.</param>
/// <param name="Item">The item's number.</param>
/// <param name="Probe">The question's name; empty where an item has one.</param>
/// <param name="Probes">Questions of the item.</param>
/// <param name="Arm">The arm's name.</param>
/// <param name="Share">The share it keeps; 1 for a full cache.</param>
internal sealed record Prediction(string Task, int Version, int Size, int Item, string Probe, int Probes, string Arm, double Share)
{
    /// <summary>Gets the kind of question, where an item has several; null where it has one.</summary>
    public string? Group { get; init; }

    /// <summary>Gets the tokens of the item's text.</summary>
    public int Length { get; init; }

    /// <summary>Gets where in it the answer stands, 0 to 1.</summary>
    public double? Depth { get; init; }

    /// <summary>Gets the tokens between what is asked for and the question.</summary>
    public int? Age { get; init; }

    /// <summary>Gets what was said.</summary>
    public string? Answer { get; init; }

    /// <summary>Gets what would have been right.</summary>
    public IReadOnlyList<string>? Expected { get; init; }

    /// <summary>Gets the task's metric.</summary>
    public double Score { get; init; }

    /// <summary>Gets the mean natural logarithm of the probability of the right answer's (or the text's) tokens.</summary>
    public double? LogProbability { get; init; }

    /// <summary>Gets the mean Kullback-Leibler divergence from the full cache's distribution, in nats.</summary>
    public double? Divergence { get; init; }

    /// <summary>Gets the share of tokens at which the most likely one is the full cache's.</summary>
    public double? SameTop { get; init; }

    /// <summary>Gets the share of the heads that still hold the tokens in which the answer stands, when the question comes.</summary>
    public double? EvidenceHeld { get; init; }

    /// <summary>Gets the tokens of the answer.</summary>
    public int? AnswerTokens { get; init; }

    /// <summary>Gets whether the answer would have gone on.</summary>
    public bool? HitLimit { get; init; }

    /// <summary>Gets the evictions before the question.</summary>
    public int Evictions { get; init; }

    /// <summary>Gets the milliseconds they took.</summary>
    public double EvictionMilliseconds { get; init; }

    /// <summary>Gets the tokens of which something came back for the question; null where the arm recalls nothing.</summary>
    public int? RecalledTokens { get; init; }

    /// <summary>Gets the milliseconds that took; null where nothing came back.</summary>
    public double? RecallMilliseconds { get; init; }

    /// <summary>Gets the cells in use when the answer began.</summary>
    public int Cells { get; init; }

    /// <summary>Gets their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Gets the seconds of question and answer.</summary>
    public double Seconds { get; init; }

    /// <summary>
    /// Gets the seconds from the text to the question, the same for all questions of one cache; a shared prefill counts for the first arm.
    /// Null where nothing is asked.
    /// </summary>
    public double? SecondsBefore { get; init; }

    /// <summary>Gets the mean rank correlation with the attention received.</summary>
    public double? Correlation { get; init; }

    /// <summary>Gets what was found of each head.</summary>
    public IReadOnlyList<HeadMetrics>? ByHead { get; init; }

    /// <summary>Gets a text's tokens by their place in it.</summary>
    public IReadOnlyList<StreamBlock>? ByPosition { get; init; }

    /// <summary>Gets a text's tokens by how many stand between them and the last eviction.</summary>
    public IReadOnlyList<StreamBlock>? ByDistance { get; init; }

    /// <summary>Gets what tells this from all other predictions of a run.</summary>
    [JsonIgnore]
    public PredictionKey Key => new(Task, Version, Size, Item, Arm, Share, Probe);
}
