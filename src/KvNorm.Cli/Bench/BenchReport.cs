namespace KvNorm.Cli.Bench;

/// <summary>One run of `kvnorm bench`: the subjects side by side in one object; what was not measured is left out.</summary>
internal sealed record BenchReport
{
    public required string Cpu { get; init; }

    public required int Threads { get; init; }

    public required string Model { get; init; }

    public required string Library { get; init; }

    /// <summary>The commit this program was built from.</summary>
    public required string Commit { get; init; }

    /// <summary>The prose that was read.</summary>
    public required string Text { get; init; }

    public required DateTime Utc { get; init; }

    /// <summary>Speed of prefill through the client as a share of the bare loop's.</summary>
    public double? PrefillToBare { get; init; }

    public double? DecodeToBare { get; init; }

    public double? PrefillTokensPerSecond { get; init; }

    public double? DecodeTokensPerSecond { get; init; }

    /// <summary>Medians of one eviction of 1,024 cells to 512.</summary>
    public EvictionTimings? EvictMs { get; init; }

    /// <summary>One such eviction as a share of the time that producing 512 tokens takes.</summary>
    public double? EvictShare { get; init; }

    /// <summary>Speed of decode right after an eviction as a share of that with a fresh cache of as many cells.</summary>
    public double? DecodeAfterEvictToFresh { get; init; }

    /// <summary>Managed bytes per token of an answer, all threads, the caller's share included.</summary>
    public double? AllocatedBytesPerToken { get; init; }

    /// <summary>Managed bytes of one eviction once warm.</summary>
    public double? AllocatedBytesPerEviction { get; init; }

    public int? Turns { get; init; }

    public int? MaxCells { get; init; }

    public int? Capacity { get; init; }

    public int? LogicalTokens { get; init; }

    public int? Evictions { get; init; }

    public double? ResidentMiddleMiB { get; init; }

    public double? ResidentLastMiB { get; init; }

    /// <summary>Median milliseconds per answered token in the first, middle and last third of the conversation.</summary>
    public IReadOnlyList<double>? DecodeMsPerTokenByThird { get; init; }

    /// <summary>Median milliseconds of a turn in the first, middle and last third.</summary>
    public IReadOnlyList<double>? TurnMsByThird { get; init; }

    /// <summary>The same with a cache that nothing is evicted from, until it is full.</summary>
    public FullCacheReport? FullCache { get; init; }

    /// <summary>Needles found after one eviction.</summary>
    public IReadOnlyList<RetrievalRow>? Retrieval { get; init; }

    /// <summary>Needles found after several evictions in a row, in a budget of a share of the text.</summary>
    public IReadOnlyList<RetrievalRow>? RetrievalRepeated { get; init; }

    public static BenchReport Combine(BenchEnvironment environment, SpeedReport? speed, ConversationReport? conversation, RetrievalReport? retrieval) => new()
    {
        Cpu = environment.Cpu,
        Threads = environment.Threads,
        Model = environment.Model,
        Library = environment.Library,
        Commit = environment.Commit,
        Text = environment.Text,
        Utc = environment.Utc,
        PrefillToBare = speed?.PrefillToBare,
        DecodeToBare = speed?.DecodeToBare,
        PrefillTokensPerSecond = speed?.PrefillTokensPerSecond,
        DecodeTokensPerSecond = speed?.DecodeTokensPerSecond,
        EvictMs = speed?.EvictMs,
        EvictShare = speed?.EvictShare,
        DecodeAfterEvictToFresh = speed?.DecodeAfterEvictToFresh,
        AllocatedBytesPerToken = speed?.AllocatedBytesPerToken,
        AllocatedBytesPerEviction = speed?.AllocatedBytesPerEviction,
        Turns = conversation?.Turns,
        MaxCells = conversation?.MaxCells,
        Capacity = conversation?.Capacity,
        LogicalTokens = conversation?.LogicalTokens,
        Evictions = conversation?.Evictions,
        ResidentMiddleMiB = conversation?.ResidentMiddleMiB,
        ResidentLastMiB = conversation?.ResidentLastMiB,
        DecodeMsPerTokenByThird = conversation?.DecodeMsPerTokenByThird,
        TurnMsByThird = conversation?.TurnMsByThird,
        FullCache = conversation?.FullCache,
        Retrieval = retrieval?.OneEviction,
        RetrievalRepeated = retrieval?.SeveralEvictions,
    };
}
