namespace KvNorm.Cli;

/// <summary>What became of a budget that cannot be used as it was given, or that was found out.</summary>
internal static class BudgetNote
{
    private const double WorthAWord = 0.125; // share of the budget; the steps of 256 cells take a few percent of most

    /// <summary>Says how much of a budget is used and why; null where it is nearly all of what was asked for.</summary>
    /// <param name="budget">What was asked for.</param>
    /// <param name="model">The model.</param>
    /// <param name="capacity">The cells that there are.</param>
    public static string? Of(KvCacheBudget budget, KvNormModelFacts model, int capacity)
    {
        if (budget.IsAuto)
            return $"The budget is {capacity * (double)model.BytesPerCell / (1 << 20):0.#} MiB, {capacity:N0} cells"
                + (capacity == model.TrainedLength ? ": all the model was trained for." : ": what the device has left.");
        long cells = budget.Cells ?? budget.Bytes!.Value / model.BytesPerCell;
        if (capacity >= cells * (1 - WorthAWord))
            return null;
        string why = capacity == model.TrainedLength
            ? $"the model was trained for {model.TrainedLength:N0} tokens"
            : "cells come in steps of 256";
        return $"Of the budget of {budget}, {capacity:N0} of {cells:N0} cells are used: {why}.";
    }
}
