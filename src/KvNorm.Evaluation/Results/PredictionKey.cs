namespace KvNorm.Evaluation.Results;

/// <summary>What tells a prediction from all others of a run.</summary>
internal readonly record struct PredictionKey(string Task, int Version, int Size, int Item, string Arm, double Share, string Probe)
{
    /// <summary>The same without the question: what an arm does on an item is done as a whole.</summary>
    public PredictionKey OfArm() => this with { Probe = "" };
}
