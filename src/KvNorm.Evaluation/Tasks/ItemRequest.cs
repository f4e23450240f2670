namespace KvNorm.Evaluation.Tasks;

/// <summary>Which item is wanted. The same request gives the same item.</summary>
/// <param name="Model">The model, for its tokens.</param>
/// <param name="Text">Prose to hide things in.</param>
/// <param name="Data">A data set; null where none is needed.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Index">The item's number, from 0.</param>
/// <param name="Length">Tokens that it should have; 0 for a record of a data set, which has its own length.</param>
internal sealed record ItemRequest(EvaluationModel Model, EvaluationText Text, DataSet? Data, int Seed, int Index, int Length)
{
    /// <summary>The seed of what is drawn for this item.</summary>
    public int ItemSeed => unchecked((Seed * 1_000_003) + Index);

    /// <summary>What is drawn for this item.</summary>
    public Random Random() => new(ItemSeed);
}
