using System.CommandLine;
using System.Globalization;

namespace KvNorm.Cli.Bench;

/// <summary>The options that say which evictions are measured.</summary>
internal sealed class EvictionBenchOptions
{
    private const int LeastCells = 64; // below it nothing lasts long enough to be measured

    private readonly Option<string> _geometry = new("--geometry")
    {
        Description = $"Caches of evictions, shaped as a model's: {string.Join(", ", ModelGeometry.All.Select(static one => one.Name))}.",
        HelpName = "NAMES",
        DefaultValueFactory = _ => string.Join(',', ModelGeometry.All.Select(static one => one.Name)),
    };
    private readonly Option<string> _cells = new("--cells")
    {
        Description = "Sizes of these caches. Filling them takes time with the square of it; four times the cache must fit.",
        HelpName = "NUMBERS",
        DefaultValueFactory = _ => "1024,4096",
    };
    private readonly CacheTypeOptions _types = new();
    private readonly Option<string> _policies = new("--policies")
    {
        Description = "Policies of these evictions, or all.",
        HelpName = "NAMES",
        DefaultValueFactory = _ => EvictionPolicy.Salience.Name,
    };
    private readonly Option<int> _evictions = new("--evictions")
    {
        Description = "Evictions of each cache, of which the first is reported by itself.",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => 6,
    };

    public void AddTo(Command command)
    {
        command.Add(_geometry);
        command.Add(_cells);
        command.Add(_policies);
        command.Add(_evictions);
        _types.AddTo(command);
    }

    /// <summary>What was asked for.</summary>
    /// <exception cref="ArgumentException">A name is unknown, or a size none.</exception>
    public EvictionBenchSettings Read(ParseResult parsed)
    {
        KvNormChatOptions types = new();
        _types.Apply(parsed, types);
        string policies = parsed.GetRequiredValue(_policies);
        return new EvictionBenchSettings(
            [.. List(parsed.GetRequiredValue(_geometry)).Select(ModelGeometry.Named)],
            [.. List(parsed.GetRequiredValue(_cells)).Select(Cells)],
            policies == "all" ? [.. EvictionPolicy.Names] : [.. List(policies).Select(static name => EvictionPolicy.Named(name).Name)],
            types.CacheTypeK,
            types.CacheTypeV,
            Evictions(parsed.GetRequiredValue(_evictions)));
    }

    private static string[] List(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static int Cells(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out int cells) && cells >= LeastCells
        ? cells
        : throw new ArgumentException($"--cells takes numbers from {LeastCells} on, such as 1024,4096; '{text}' is none.");

    private static int Evictions(int evictions) => evictions >= 2
        ? evictions
        : throw new ArgumentException($"--evictions takes numbers from 2 on; {evictions} is too few.");
}
