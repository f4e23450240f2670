namespace KvNorm;

/// <summary>Something that must stay in the cache does not fit into its budget.</summary>
public sealed class KvCacheBudgetException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What does not fit and how much it needs.</param>
    /// <param name="requiredCells">Cells the budget would have to have.</param>
    /// <param name="availableCells">Cells it has.</param>
    public KvCacheBudgetException(string message, long requiredCells, long availableCells)
        : base(message)
    {
        RequiredCells = requiredCells;
        AvailableCells = availableCells;
    }

    /// <summary>Gets the cells the budget would have to have.</summary>
    public long RequiredCells { get; }

    /// <summary>Gets the cells it has.</summary>
    public long AvailableCells { get; }
}
