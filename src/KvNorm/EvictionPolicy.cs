using KvNorm.KvCache.Scoring;

namespace KvNorm;

/// <summary>
/// Which rows stay when the cache is full. Whatever the policy, the system prompt, the first tokens, the recent window and the message being answered stay.
/// </summary>
public sealed record EvictionPolicy
{
    // One row per policy: its name, how text hangs together for it, and its scorer for (heads, seed). docs/architecture.md says how to add one.
    private static readonly (string Name, TokenSpans Spans, Func<int, int, KeyScorer> Scorer)[] Table =
    [
        ("salience", TokenSpans.Sentence, (heads, _) => new SalienceScorer(heads)),
        ("keynorm", TokenSpans.None, (_, _) => new KeyNormScorer(keepHigh: false)),
        ("keynorm-high", TokenSpans.None, (_, _) => new KeyNormScorer(keepHigh: true)),
        ("keydiff", TokenSpans.None, (_, _) => new KeyDiffScorer()),
        ("recency", TokenSpans.None, (_, _) => new RecencyScorer()),
        ("random", TokenSpans.None, (_, seed) => new RandomScorer(seed)),
    ];

    private EvictionPolicy(string name, TokenSpans spans) => (Name, Spans) = (name, spans);

    /// <summary>Gets the names of all policies.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(row => row.Name)];

    /// <summary>Gets the default: distinctive keys with strong values, by sentences.</summary>
    public static EvictionPolicy Salience { get; } = Named("salience");

    /// <summary>Gets the name.</summary>
    public string Name { get; }

    /// <summary>Gets who shares one set of kept rows.</summary>
    public EvictionGranularity Granularity { get; init; } = EvictionGranularity.Head;

    /// <summary>Gets over what scores are averaged.</summary>
    public TokenSpans Spans { get; init; }

    /// <summary>Gets the most recent rows that always stay, as a share of the rows kept.</summary>
    public double RecentWindow { get; init; } = 0.25;

    /// <summary>Gets the first tokens that always stay: models put attention there that has nowhere else to go (arXiv 2309.17453).</summary>
    public int Sinks { get; init; } = 4;

    /// <summary>Gets the layers that keep their most recent rows instead of the best scored; the paper skips 0 and 1.</summary>
    public IReadOnlyList<int> SkippedLayers { get; init; } = [];

    /// <summary>Gets the seed of the policy "random".</summary>
    public int Seed { get; init; }

    /// <summary>The policy of a name, with its defaults.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    public static EvictionPolicy Named(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int row = Array.FindIndex(Table, entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return row >= 0
            ? new EvictionPolicy(Table[row].Name, Table[row].Spans)
            : throw new ArgumentException($"There is no eviction policy '{name}'; there are {string.Join(", ", Table.Select(entry => entry.Name))}.", nameof(name));
    }

    /// <summary>A scorer for one conversation.</summary>
    /// <param name="heads">(layer, head) pairs of the cache.</param>
    internal KeyScorer CreateScorer(int heads) => Table.First(row => row.Name == Name).Scorer(heads, Seed);

    /// <summary>Rows of the recent window when <paramref name="kept"/> rows are kept; the last one always stays, for the next token follows it.</summary>
    internal int RecentRows(int kept) => Math.Max(1, (int)Math.Round(kept * RecentWindow));

    /// <summary>The policy with a recent window that covers what layers with a sliding window see, as far as there is room for that and more.</summary>
    /// <param name="slidingWindow">Tokens such a layer sees; 0 when there is none.</param>
    /// <param name="kept">Rows an eviction keeps.</param>
    internal EvictionPolicy Covering(int slidingWindow, int kept)
    {
        const double most = 0.75; // of the kept rows: the rest of the conversation needs some, too
        double window = Math.Min(most, (double)slidingWindow / kept);
        return window > RecentWindow ? this with { RecentWindow = window } : this;
    }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Spans);
        ArgumentNullException.ThrowIfNull(SkippedLayers);
        ArgumentOutOfRangeException.ThrowIfNegative(Sinks);
        if (!(RecentWindow >= 0 && RecentWindow < 1))
            throw new ArgumentOutOfRangeException(nameof(RecentWindow), RecentWindow, "The recent window is a share of the kept rows: at least 0 and below 1.");
    }
}
