using System.CommandLine;

namespace KvNorm.Cli;

/// <summary>The options that say how large the cache may become.</summary>
internal sealed class BudgetOptions
{
    private const string Default = "24MiB";

    private readonly Option<string?> _budget = new("--budget")
    {
        Description = $"Memory of the KV cache, such as 24MiB, 1.5GB or 24M, or auto for what the device has left (default {Default}).",
        HelpName = "SIZE",
    };
    private readonly Option<int?> _cells = new("--cells")
    {
        Description = "Size of the KV cache in tokens, instead of --budget.",
        HelpName = "N",
    };

    public void AddTo(Command command)
    {
        command.Add(_budget);
        command.Add(_cells);
    }

    /// <summary>What was asked for.</summary>
    /// <exception cref="ArgumentException">Both options were given, or too few cells.</exception>
    /// <exception cref="FormatException">The size is none.</exception>
    public KvCacheBudget Read(ParseResult parsed)
    {
        string? budget = parsed.GetValue(_budget);
        if (parsed.GetValue(_cells) is not { } cells)
            return KvCacheBudget.Parse(budget ?? Default);
        if (budget is not null)
            throw new ArgumentException("Give --budget or --cells, not both.");
        if (cells < KvCacheBudget.MinimumCells)
            throw new ArgumentException($"--cells must be at least {KvCacheBudget.MinimumCells}; it is {cells}.");
        return KvCacheBudget.FromCells(cells);
    }
}
