namespace KvNorm.Evaluation;

/// <summary>What a run was made with. Every start of a run writes one.</summary>
/// <param name="Model">The model's file.</param>
/// <param name="BytesPerCell">Bytes of a cell of its cache.</param>
/// <param name="Seed">The seed of everything drawn.</param>
/// <param name="Text">The prose.</param>
/// <param name="TextFingerprint">What tells it from others.</param>
/// <param name="Tasks">Tasks asked for, each with its version and how many items.</param>
/// <param name="Arms">Arms asked for.</param>
/// <param name="Library">Versions of what ran.</param>
/// <param name="Commit">The commit that was built; "unknown" where the build does not say.</param>
/// <param name="Cpu">The processor.</param>
/// <param name="Threads">CPU threads on an idle machine.</param>
/// <param name="Started">When.</param>
public sealed record EvaluationRunFacts(
    string Model, long BytesPerCell, int Seed, string Text, string TextFingerprint, IReadOnlyList<string> Tasks,
    IReadOnlyList<string> Arms, string Library, string Commit, string Cpu, int Threads, DateTime Started)
{
    internal const string DefaultCacheTypes = "f16, f16";

    /// <summary>Gets what keys and values were stored as.</summary>
    public string CacheTypes { get; init; } = DefaultCacheTypes;

    /// <summary>Gets the devices that there were, such as "CUDA0: NVIDIA H200".</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Gets the layers that graphics cards among these were given at most; null for as many as fit.</summary>
    public int? GpuLayers { get; init; }

    /// <summary>Gets the bytes for what was evicted, from where -recall arms bring it back; null where that was not written down.</summary>
    public long? ArchiveBytes { get; init; }

    /// <summary>Gets the data set's file; null for none.</summary>
    public string? Data { get; init; }

    /// <summary>Gets the recent window's share; null for the policies' own.</summary>
    public double? RecentWindow { get; init; }

    /// <summary>Gets the shares asked for; null for the tasks' own.</summary>
    public IReadOnlyList<double>? Shares { get; init; }

    /// <summary>Gets the lengths asked for; null for the tasks' own.</summary>
    public IReadOnlyList<int>? Lengths { get; init; }

    /// <summary>Why predictions of another start do not belong together with this one's; null when they do.</summary>
    internal string? DiffersFrom(EvaluationRunFacts other)
    {
        if (Model != other.Model || (BytesPerCell != other.BytesPerCell && CacheTypes == other.CacheTypes))
            return $"the model {other.Model}";
        if (CacheTypes != other.CacheTypes)
            return $"a cache of {other.CacheTypes}";
        if (Seed != other.Seed)
            return $"the seed {other.Seed}";
        if (TextFingerprint != other.TextFingerprint)
            return $"the text {other.Text}";
        if (ArchiveBytes is { } own && other.ArchiveBytes is { } archive && own != archive)
            return $"an archive of {archive} bytes";
        if (Data != other.Data)
            return $"the data {other.Data ?? "of no file"}";
        return RecentWindow == other.RecentWindow ? null : $"a recent window of {other.RecentWindow?.ToString() ?? "the policies' own"}";
    }
}
