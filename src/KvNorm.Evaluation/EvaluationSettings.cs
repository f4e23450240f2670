namespace KvNorm.Evaluation;

/// <summary>What a run measures. The same settings give the same items.</summary>
public sealed record EvaluationSettings
{
    private const int QuickItems = 2, DefaultItems = 50;
    private const int MinimumLength = 200; // tokens that instruction, needles and question take, and some text

    private static readonly string[] QuickArms = ["full", "drop-oldest", "salience", "salience-recall", "keynorm"];

    /// <summary>Gets the tasks.</summary>
    public required IReadOnlyList<EvaluationTask> Tasks { get; init; }

    /// <summary>Gets prose to hide things in and to read.</summary>
    public required EvaluationText Text { get; init; }

    /// <summary>
    /// Gets the arms; null for all baselines and policies, or for some of them in a quick run. The full cache is always one.
    /// </summary>
    public IReadOnlyList<EvaluationArm>? Arms { get; init; }

    /// <summary>Gets the shares kept, above 0 and below 1; null for each task's own.</summary>
    public IReadOnlyList<double>? Shares { get; init; }

    /// <summary>Gets the tokens that items have, but for records of a data set; null for each task's own.</summary>
    public IReadOnlyList<int>? Lengths { get; init; }

    /// <summary>Gets the items of each task and length; null for 50, or for few in a quick run.</summary>
    public int? Items { get; init; }

    /// <summary>Gets the seed of everything that is drawn.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Gets the recent window of the policies, as a share of the kept rows, but for -once, where none is; null for their own.
    /// </summary>
    public double? RecentWindow { get; init; }

    /// <summary>Gets the file or folder of a published data set, for the tasks that read one.</summary>
    public string? DataPath { get; init; }

    /// <summary>Gets whether few arms and short items are wanted: a first look within minutes.</summary>
    public bool Quick { get; init; }

    internal IReadOnlyList<EvaluationArm> ArmsToRun
    {
        get
        {
            IEnumerable<string> usual = Quick
                ? QuickArms
                : [.. EvaluationArm.BaselineNames, .. EvictionPolicy.Names, "salience-once", "salience-recall"];
            IEnumerable<EvaluationArm> chosen = Arms ?? [.. usual.Select(EvaluationArm.Parse)];
            return [.. chosen.Prepend(EvaluationArm.Full).Distinct().Select(arm => arm.WithRecentWindow(RecentWindow))];
        }
    }

    internal int ItemsOf(EvaluationTask task) => Items ?? (Quick ? Math.Max(1, QuickItems / task.Weight) : DefaultItems);

    // Records of a data set have the lengths that they have.
    internal IReadOnlyList<int> LengthsOf(EvaluationTask task) =>
        task.NeedsData ? [0] : Lengths ?? (Quick ? [task.Lengths[0] / 2] : task.Lengths);

    internal IReadOnlyList<double> SharesOf(EvaluationTask task) =>
        (task.KeepsShares ? Shares : null) ?? (Quick ? [.. task.Shares.Take(Math.Max(1, QuickItems / task.Weight))] : task.Shares);

    internal void Validate()
    {
        if (Tasks.Count == 0)
            throw new ArgumentException("There is no task to run.");
        if (Shares?.Any(static share => !(share > 0 && share < 1)) == true)
            throw new ArgumentException("A share that is kept must be above 0 and below 1.");
        if (Lengths?.Any(static length => length < MinimumLength) == true)
            throw new ArgumentException($"An item needs at least {MinimumLength} tokens.");
        if (Items < 1)
            throw new ArgumentException("There must be at least one item.");
        if (Arms?.FirstOrDefault(arm => arm != EvaluationArm.Full && !Tasks.Any(task => task.Measures(arm))) is { } arm)
        {
            throw new ArgumentException(
                arm.NeedsMessages
                    ? $"'{arm.Name}' means something only where a text is read in messages, as in conversation and agent."
                    : $"'{arm.Name}' means nothing in {string.Join(", ", Tasks.Select(static task => task.Name))}: "
                    + "only what policies score is looked at there.");
        }

        if (DataPath is null && Tasks.FirstOrDefault(static task => task.NeedsData) is { } task)
            throw new ArgumentException($"The task {task.Name} reads a published data set; give the path of its own files with --data.");
    }
}
