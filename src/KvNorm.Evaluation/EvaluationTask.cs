using KvNorm.Evaluation.Results;
using KvNorm.Evaluation.Tasks;

namespace KvNorm.Evaluation;

/// <summary>Something to measure: items that can be made again from their number and a seed, and what is measured of each arm.</summary>
public abstract class EvaluationTask
{
    private protected EvaluationTask(string family, string? variant, int version)
    {
        (Family, Version) = (family, version);
        Name = variant is null ? family : $"{family}.{variant}";
    }

    /// <summary>Gets all tasks.</summary>
    public static IReadOnlyList<EvaluationTask> All => TaskTable.All;

    /// <summary>Gets the names of all families.</summary>
    public static IReadOnlyList<string> Families { get; } =
        [.. TaskTable.All.Select(static task => task.Family).Distinct(StringComparer.Ordinal)];

    /// <summary>Gets the name: the family's, and that of the variant behind a dot.</summary>
    public string Name { get; }

    /// <summary>Gets what the task is a variant of.</summary>
    public string Family { get; }

    /// <summary>Gets the version: figures of different versions are not compared.</summary>
    public int Version { get; }

    /// <summary>Gets the metric that the score is.</summary>
    public abstract string Metric { get; }

    /// <summary>Gets whether a lower score is better.</summary>
    public virtual bool LowerIsBetter => false;

    /// <summary>Gets the shares kept that are compared unless others are asked for.</summary>
    internal virtual IReadOnlyList<double> Shares => [0.5, 0.25, 0.125];

    /// <summary>Gets whether arms are told what share to keep; else each of them runs once.</summary>
    internal virtual bool KeepsShares => true;

    /// <summary>Gets the tokens of an item unless others are asked for.</summary>
    internal virtual IReadOnlyList<int> Lengths => [1024];

    /// <summary>Gets whether a text is read in messages, each of which can be compressed on its own.</summary>
    internal virtual bool HasMessages => false;

    /// <summary>Gets whether a text that is longer than the model was trained for can be asked about, without a full cache.</summary>
    internal virtual bool GoesBeyondTraining => false;

    /// <summary>Gets how much longer than others an item takes; a quick run takes so many fewer of them.</summary>
    internal virtual int Weight => 1;

    /// <summary>Gets whether the task needs a data set's own file.</summary>
    internal virtual bool NeedsData => false;

    /// <summary>The tasks of a family's or a variant's name.</summary>
    /// <param name="name">Such as "needle" or "ruler.vt", in any case.</param>
    /// <exception cref="ArgumentException">There is none; the message lists what there is.</exception>
    public static IReadOnlyList<EvaluationTask> Named(string name)
    {
        EvaluationTask[] found =
        [
            .. All.Where(task => task.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
                || task.Family.Equals(name, StringComparison.OrdinalIgnoreCase)),
        ];
        return found.Length > 0
            ? found
            : throw new ArgumentException(
                $"There is no task '{name}'; there are {string.Join(", ", Families)}, or one variant alone: "
                + $"{string.Join(", ", All.Select(static task => task.Name).Except(Families, StringComparer.Ordinal))}.");
    }

    /// <summary>Whether an arm has a meaning here.</summary>
    internal virtual bool Measures(EvaluationArm arm) => HasMessages || !arm.NeedsMessages;

    /// <summary>The items that there are.</summary>
    internal virtual int Count(DataSet? data) => int.MaxValue;

    /// <summary>Measures arms on an item, one after another.</summary>
    /// <param name="request">The item.</param>
    /// <param name="arms">Arms and the shares they keep.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>What was measured, arm by arm, all of an arm together.</returns>
    internal abstract IEnumerable<IReadOnlyList<Prediction>> Run(
        ItemRequest request, IReadOnlyList<ArmShare> arms, CancellationToken cancellationToken);
}
